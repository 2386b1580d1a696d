import { revocationFinalizer } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import type { KesIdentity, KesIdentityStatus } from '../../api/kesIdentity.ts'
import { kindOf, type KeyServer } from '../../api/keyServer.ts'
import { selects } from '../../api/selector.ts'
import { identityOf } from '../../kes/identity.ts'
import type { Client } from '../../kube/client.ts'
import { refOfKey } from '../../kube/object.ts'
import { kesIdentities, keyServers, namespaces, secrets } from '../../kube/resources.ts'
import { foundPair, missing } from '../found.ts'
import { materialName } from '../keyServer/material.ts'
import { trustOf } from '../keyServer/trust.ts'
import { issueLeaf, selfSignedLeaf } from '../leaf.ts'
import type { Reconciler } from '../reconciler.ts'
import { foundAuthority, foundTrust, storedAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import type { Enrollee, Enrollers, Leaver } from './enroller.ts'
import { handedOutOf, identitySecrets } from './identitySecrets.ts'
import { belongsTo, certificateOf, foundKey } from './imported.ts'
import type { Issuer } from '../issuance/issuer.ts'
import { identityAsk } from './issuing.ts'
import { keyNameOf } from './keyNameOf.ts'
import type { Enrolment, Observed, Withdrawal } from './observed.ts'
import { plan, type Step } from './plan.ts'
import { policyProblem } from './policyProblem.ts'

export interface Edges {
  readonly client: Client
  readonly enrollers: Enrollers
  /** Who signs where `certificates.issuerRef` says so. */
  readonly issuer: Issuer
  readonly now: () => Date
  readonly tell: Tell
  readonly releaseNamespace: string
}

/** Everything but what the key server says. */
type Local = Omit<Observed, 'enrolment' | 'withdrawal'>

/** Issues an identity, enrols it, hands it out once a real call with it has succeeded, and revokes it when it is deleted. */
export function kesIdentityReconciler({
  client,
  enrollers,
  issuer,
  now,
  tell,
  releaseNamespace,
}: Edges): Reconciler<Observed, Step, KesIdentityStatus> {
  const lying = identitySecrets(client, releaseNamespace)

  const authorityRef = (identity: KesIdentity) => ({
    namespace: releaseNamespace,
    name: materialName(identity.spec.keyServerRef.name, 'authority-1'),
  })

  async function issuePair({ identity, keyServer, kept, imported }: Observed) {
    if (!keyServer) throw new Error('the key server went away')
    const request = {
      commonName: 'kes-injector client',
      organizations: [identity.metadata.namespace],
      usages: ['client'],
      lifetimeMs: durationMs(keyServer.spec.certificates.client),
      now: now(),
    } as const
    // An issuer elsewhere has yet to vouch for the key: until then nobody is given the pair.
    if (keyServer.spec.certificates.issuerRef) {
      return imported?.is === 'found'
        ? selfSignedLeaf(missing, request, () => imported.value.key)
        : selfSignedLeaf(kept, request)
    }
    const authority = await storedAuthority(client, authorityRef(identity))
    return imported?.is === 'found'
      ? issueLeaf(authority, missing, request, () => imported.value.key)
      : issueLeaf(authority, kept, request)
  }

  const enrollee = ({ identity, keyServer, kept, keptIdentity, keyName }: Local): Enrollee | undefined =>
    keyServer && kept.is === 'found' && keptIdentity !== undefined
      ? { identity, keyServer, pair: kept.value.pem, hex: keptIdentity, keyName }
      : undefined

  const leaver = ({ identity, status, keyServer, kept, keptIdentity, keyName }: Local): Leaver | undefined =>
    keyServer && {
      identity,
      keyServer,
      keyName,
      pair: kept.is === 'found' ? kept.value.pem : undefined,
      hex: keptIdentity ?? status.identity,
    }

  const enrollerOf = ({ keyServer }: { readonly keyServer: KeyServer }) =>
    enrollers[kindOf(keyServer.spec) ?? 'stateful']

  async function enrolmentOf(observed: Local): Promise<Enrolment> {
    const who = enrollee(observed)
    return (who && (await enrollerOf(who)?.observe(who))) ?? { is: 'unknown', why: 'there is no key pair to enrol yet' }
  }

  async function withdrawalOf(observed: Local): Promise<Withdrawal | undefined> {
    const who = leaver(observed)
    return who && enrollerOf(who)?.observeWithdrawal(who)
  }

  /** What `spec.importSecretRef` names: the pair while there is none yet, and who keeps it for as long as it is named. */
  async function importOf(
    { metadata, spec }: KesIdentity,
    isKept: boolean,
  ): Promise<Pick<Observed, 'imported' | 'importKeptBy'>> {
    if (spec.importSecretRef === undefined) return { imported: undefined }
    const secret = await lying.ofWorkload(metadata.namespace, spec.importSecretRef.name)
    if (secret === 'forbidden') return { imported: isKept ? undefined : { is: 'forbidden' } }
    return { imported: isKept ? undefined : foundKey(secret), importKeptBy: certificateOf(secret) }
  }

  async function allIdentities(): Promise<readonly KesIdentity[]> {
    const all: KesIdentity[] = []
    let from: string | undefined
    do {
      const page = await client.list(kesIdentities, { limit: 500, ...(from === undefined ? {} : { continue: from }) })
      all.push(...page.items)
      from = page.continue
    } while (from !== undefined)
    return all
  }

  async function writeFinalizers(identity: KesIdentity, finalizers: readonly string[]): Promise<void> {
    await client.update<KesIdentity>(kesIdentities, { ...identity, metadata: { ...identity.metadata, finalizers } })
  }

  async function observeLocally(identity: KesIdentity): Promise<Local> {
    const { namespace } = identity.metadata
    const [keyServer, namespaceObject, keptSecret, handedOutSecret, authoritySecret] = await Promise.all([
      client.get(keyServers, { name: identity.spec.keyServerRef.name }),
      client.get(namespaces, { name: namespace }),
      lying.kept(identity),
      lying.ofWorkload(namespace, identity.spec.secretName),
      client.get(secrets, authorityRef(identity)),
    ])
    const authority = keyServer?.spec.certificates.issuerRef
      ? foundTrust(authoritySecret)
      : foundAuthority(authoritySecret)
    const trusted = keyServer?.status?.authority?.fingerprint
    const authorityPem =
      authority.is === 'found' && authority.value.fingerprint === trusted ? authority.value.certificatePem : undefined
    const trustPem = keyServer && (await trustOf(client, releaseNamespace, keyServer, authorityPem))
    const kept = foundPair(keptSecret)
    const keptIdentity = kept.is === 'found' ? identityOf(kept.value.pem.certificatePem) : undefined
    const { imported, importKeptBy } = await importOf(identity, kept.is === 'found')
    const importing = imported?.is === 'found' ? imported.value.identity : keptIdentity
    const choice = keyServer && keyNameOf(identity, keyServer)
    const local = {
      identity,
      status: identity.status ?? {},
      keyServer,
      admitted:
        keyServer !== undefined && selects(keyServer.spec.namespaces.selector, namespaceObject?.metadata.labels ?? {}),
      keyName: choice?.keyName ?? identity.spec.keyName ?? '',
      keyNameProblem: choice?.problem,
      policyProblem: keyServer && policyProblem(identity, keyServer),
      authorityPem,
      trustPem,
      kept,
      keptIdentity,
      handedOut: handedOutOf(identity, handedOutSecret, kept.is === 'found' ? kept.value.pem : undefined, trustPem),
      imported,
      importKeptBy,
      importedBelongsTo:
        identity.spec.importSecretRef && keyServer && importing !== undefined
          ? belongsTo(importing, identity, keyServer, await allIdentities())
          : undefined,
    }
    const ask = identityAsk(local)
    return { ...local, issuance: ask ? await issuer.observe(ask) : { is: 'ours' } }
  }

  return {
    name: 'kesIdentity',
    plan,
    async observe(key) {
      const identity = await client.get(kesIdentities, refOfKey(key))
      if (!identity) return undefined
      const local = await observeLocally(identity)
      return identity.metadata.deletionTimestamp === undefined
        ? { ...local, enrolment: await enrolmentOf(local), withdrawal: undefined }
        : { ...local, enrolment: { is: 'unknown', why: 'it is being revoked' }, withdrawal: await withdrawalOf(local) }
    },
    async writeStatus({ identity }, status) {
      await client.updateStatus<KesIdentity>(kesIdentities, { ...identity, status })
    },
    async act(step, observed) {
      const { identity, kept } = observed
      switch (step.do) {
        case 'holdBack':
          return writeFinalizers(identity, [...(identity.metadata.finalizers ?? []), revocationFinalizer])
        case 'create': {
          await lying.keep(identity, await issuePair(observed))
          tell(identity, 'Normal', 'Issued', 'made a key pair and its certificate')
          return
        }
        case 'import': {
          await lying.keep(identity, await issuePair(observed))
          tell(identity, 'Normal', 'Imported', 'issued a certificate for a key pair that was in use already')
          return
        }
        case 'takeBack': {
          if (observed.handedOut.is !== 'different' || observed.handedOut.pair.is !== 'found') return
          await lying.keep(identity, observed.handedOut.pair.value.pem)
          tell(identity, 'Warning', 'TakenBack', 'the kept key pair was gone; it was taken back from the workload')
          return
        }
        case 'renew': {
          if (kept.is !== 'found') return
          await lying.replaceKept(identity, await issuePair(observed))
          tell(identity, 'Normal', 'Renewed', `issued a new certificate for the same key (${step.why})`)
          return
        }
        case 'request':
        case 'dropRequest': {
          const ask = identityAsk(observed)
          if (ask) await (step.do === 'request' ? issuer.request(ask) : issuer.drop(ask))
          return
        }
        case 'take': {
          const ask = identityAsk(observed)
          if (kept.is !== 'found' || observed.issuance.is !== 'issued' || !ask) return
          const { certificatePem } = observed.issuance.chain
          await lying.replaceKept(identity, { certificatePem, keyPem: kept.value.pem.keyPem })
          await issuer.drop(ask)
          tell(
            identity,
            'Normal',
            'Renewed',
            `took the certificate that the issuer signed for the same key (${step.why})`,
          )
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
          await lying.handOut(identity, kept.value.pem, observed.trustPem, observed.handedOut)
          tell(identity, 'Normal', 'HandedOut', `wrote the Secret ${identity.spec.secretName}`)
          return
        }
        case 'withdraw': {
          const who = leaver(observed)
          if (who) await enrollerOf(who)?.withdraw(who)
          return
        }
        case 'takeAway':
          return lying.takeAway(identity)
        case 'forget':
          return lying.forget(identity)
        case 'release': {
          const revoked = observed.status.conditions?.find(({ type }) => type === 'Revoked')
          tell(
            identity,
            revoked?.status === 'True' ? 'Normal' : 'Warning',
            revoked?.reason ?? 'Revoked',
            revoked?.message ?? '',
          )
          return writeFinalizers(
            identity,
            (identity.metadata.finalizers ?? []).filter((each) => each !== revocationFinalizer),
          )
        }
      }
    },
  }
}
