import { labels } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import type { KesIdentity, KesIdentityStatus } from '../../api/kesIdentity.ts'
import { selects } from '../../api/selector.ts'
import { identityOf } from '../../kes/identity.ts'
import { isApiError } from '../../kube/apiError.ts'
import type { Client } from '../../kube/client.ts'
import { refOfKey } from '../../kube/object.ts'
import { kesIdentities, keyServers, namespaces, secrets, type Secret } from '../../kube/resources.ts'
import type { PairPem } from '../../pki/pair.ts'
import { foundPair, secretText } from '../found.ts'
import { materialName } from '../keyServer/material.ts'
import { issueLeaf } from '../leaf.ts'
import type { Reconciler } from '../reconciler.ts'
import { createSecret, replaceSecret, secretObject, type SecretContent } from '../secretWriter.ts'
import { foundAuthority, storedAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import type { Enrollee, Enrollers } from './enroller.ts'
import { keyNameOf } from './keyNameOf.ts'
import { kindOf } from '../../api/keyServer.ts'
import { identityLabel, keptSecretName } from './names.ts'
import type { Enrolment, HandedOut, Observed } from './observed.ts'
import { plan, type Step } from './plan.ts'

const fieldManager = 'kes-injector'

export interface Edges {
  readonly client: Client
  readonly enrollers: Enrollers
  readonly now: () => Date
  readonly tell: Tell
  readonly releaseNamespace: string
}

/** What the workload's Secret must hold: MinIO gets the authority's certificate, never a server's key. */
const clientData = (certificatePem: string, keyPem: string, authorityPem: string) => ({
  'tls.crt': certificatePem,
  'tls.key': keyPem,
  'ca.crt': authorityPem,
})

function handedOutOf(
  identity: KesIdentity,
  secret: Secret | 'forbidden' | undefined,
  wanted: Readonly<Record<string, string>> | undefined,
): HandedOut {
  if (secret === 'forbidden') return { is: 'forbidden' }
  if (!secret) return { is: 'missing' }
  const own = identityLabel(identity)
  const { [labels.managedBy]: manager, [labels.identity]: owner = own } = secret.metadata.labels ?? {}
  // Two identities that name one Secret would write it in turns for ever: it stays with the first.
  if (manager !== 'kes-injector' || owner !== own) return { is: 'foreign' }
  const same = wanted !== undefined && Object.entries(wanted).every(([key, text]) => secretText(secret, key) === text)
  return same ? { is: 'current' } : { is: 'different', pair: foundPair(secret) }
}

/** Issues an identity, enrols it, and hands it out once a real call with it has succeeded. */
export function kesIdentityReconciler({
  client,
  enrollers,
  now,
  tell,
  releaseNamespace,
}: Edges): Reconciler<Observed, Step, KesIdentityStatus> {
  const keptRef = (identity: KesIdentity) => ({ namespace: releaseNamespace, name: keptSecretName(identity) })

  async function workloadSecret(namespace: string, name: string): Promise<Secret | 'forbidden' | undefined> {
    try {
      return await client.get(secrets, { namespace, name })
    } catch (error) {
      if (isApiError(error, 'Forbidden')) return 'forbidden'
      throw error
    }
  }

  const authorityRef = (identity: KesIdentity) => ({
    namespace: releaseNamespace,
    name: materialName(identity.spec.keyServerRef.name, 'authority-1'),
  })

  const keptContent = (identity: KesIdentity, pair: PairPem): SecretContent => ({
    ...keptRef(identity),
    type: 'kubernetes.io/tls',
    labels: {
      [labels.component]: 'identity',
      [labels.keyServer]: identity.spec.keyServerRef.name,
      [labels.identity]: identityLabel(identity),
    },
    data: { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem },
  })

  async function issuePair({ identity, keyServer, kept }: Observed) {
    if (!keyServer) throw new Error('the key server went away')
    return issueLeaf(await storedAuthority(client, authorityRef(identity)), kept, {
      commonName: 'kes-injector client',
      organizations: [identity.metadata.namespace],
      usages: ['client'],
      lifetimeMs: durationMs(keyServer.spec.certificates.client),
      now: now(),
    })
  }

  const enrollee = ({
    identity,
    keyServer,
    kept,
    keptIdentity,
    keyName,
  }: Omit<Observed, 'enrolment'>): Enrollee | undefined =>
    keyServer && kept.is === 'found' && keptIdentity !== undefined
      ? { identity, keyServer, pair: kept.value.pem, hex: keptIdentity, keyName }
      : undefined

  const enrollerOf = ({ keyServer }: Enrollee) => enrollers[kindOf(keyServer.spec) ?? 'stateful']

  async function enrolmentOf(observed: Omit<Observed, 'enrolment'>): Promise<Enrolment> {
    const who = enrollee(observed)
    return (who && (await enrollerOf(who)?.observe(who))) ?? { is: 'unknown', why: 'there is no key pair to enrol yet' }
  }

  return {
    name: 'kesIdentity',
    plan,
    async observe(key) {
      const identity = await client.get(kesIdentities, refOfKey(key))
      if (!identity) return undefined
      const { namespace } = identity.metadata
      const [keyServer, namespaceObject, keptSecret, handedOutSecret, authoritySecret] = await Promise.all([
        client.get(keyServers, { name: identity.spec.keyServerRef.name }),
        client.get(namespaces, { name: namespace }),
        client.get(secrets, keptRef(identity)),
        workloadSecret(namespace, identity.spec.secretName),
        client.get(secrets, authorityRef(identity)),
      ])
      const authority = foundAuthority(authoritySecret)
      const trusted = keyServer?.status?.authority?.fingerprint
      const authorityPem =
        authority.is === 'found' && authority.value.fingerprint === trusted ? authority.value.certificatePem : undefined
      const kept = foundPair(keptSecret)
      const choice = keyServer && keyNameOf(identity, keyServer)
      const wanted =
        kept.is === 'found' && authorityPem !== undefined
          ? clientData(kept.value.pem.certificatePem, kept.value.pem.keyPem, authorityPem)
          : undefined
      const keptIdentity = kept.is === 'found' ? identityOf(kept.value.pem.certificatePem) : undefined
      const observed = {
        identity,
        status: identity.status ?? {},
        keyServer,
        admitted:
          keyServer !== undefined &&
          selects(keyServer.spec.namespaces.selector, namespaceObject?.metadata.labels ?? {}),
        keyName: choice?.keyName ?? identity.spec.keyName ?? '',
        keyNameProblem: choice?.problem,
        authorityPem,
        trustPem: authorityPem,
        kept,
        keptIdentity,
        handedOut: handedOutOf(identity, handedOutSecret, wanted),
      }
      return { ...observed, enrolment: await enrolmentOf(observed) }
    },
    async writeStatus({ identity }, status) {
      await client.updateStatus<KesIdentity>(kesIdentities, { ...identity, status })
    },
    async act(step, observed) {
      const { identity, kept } = observed
      switch (step.do) {
        case 'create': {
          await createSecret(client, keptContent(identity, await issuePair(observed)))
          tell(identity, 'Normal', 'Issued', 'made a key pair and its certificate')
          return
        }
        case 'takeBack': {
          if (observed.handedOut.is !== 'different' || observed.handedOut.pair.is !== 'found') return
          await createSecret(client, keptContent(identity, observed.handedOut.pair.value.pem))
          tell(identity, 'Warning', 'TakenBack', 'the kept key pair was gone; it was taken back from the workload')
          return
        }
        case 'renew': {
          const current = await client.get(secrets, keptRef(identity))
          if (!current || kept.is !== 'found') return
          await replaceSecret(client, current, keptContent(identity, await issuePair(observed)))
          tell(identity, 'Normal', 'Renewed', `issued a new certificate for the same key (${step.why})`)
          return
        }
        case 'writePolicy':
        case 'assignPolicy': {
          const who = enrollee(observed)
          if (who) await enrollerOf(who)?.act(step.do, who)
          return
        }
        case 'handOut': {
          if (observed.handedOut.is === 'foreign' || kept.is !== 'found' || observed.trustPem === undefined) return
          const { namespace } = identity.metadata
          const { certificatePem, keyPem } = kept.value.pem
          const content = secretObject({
            namespace,
            name: identity.spec.secretName,
            type: 'kubernetes.io/tls',
            labels: { [labels.component]: 'identity', [labels.identity]: identityLabel(identity) },
            data: clientData(certificatePem, keyPem, observed.trustPem),
          })
          // One write with all three keys: a pod that starts between two writes would hang at its mount (facts: operator, section 1).
          // Server-side apply, because its creation is checked against the Secret's name, so RBAC can name it; a plain create is not.
          // Where it is ours already, whatever somebody else wrote into it is taken over again; a new one must not meet anybody's.
          await client.apply(secrets, content, { fieldManager, force: observed.handedOut.is === 'different' })
          tell(identity, 'Normal', 'HandedOut', `wrote the Secret ${identity.spec.secretName}`)
        }
      }
    },
  }
}
