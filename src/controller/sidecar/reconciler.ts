import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { clientSecretName } from '../../api/names.ts'
import { identityOf } from '../../kes/identity.ts'
import type { Client } from '../../kube/client.ts'
import { kesIdentities, keyServers, secrets } from '../../kube/resources.ts'
import { missing } from '../found.ts'
import { materialName } from '../keyServer/material.ts'
import { issueLeaf } from '../leaf.ts'
import type { Reconciler } from '../reconciler.ts'
import { foundAuthority, storedAuthority } from '../storedAuthority.ts'
import type { Tell } from '../tell.ts'
import { isAt, policiesOf } from './configuration.ts'
import { observeKeystore } from './keystore.ts'
import type { Observed } from './observed.ts'
import { certificateOf, plan, problemOf, wantedContent, type Step } from './plan.ts'
import { isSidecar } from './placement.ts'
import { observeSidecarSecret, removeSidecarSecret, writeSidecarSecret } from './secret.ts'

export interface Edges {
  readonly client: Client
  readonly now: () => Date
  readonly tell: Tell
  readonly releaseNamespace: string
}

/** Keeps the Secret from which the KES inside the MinIO pods of a namespace starts. Its keys are namespaces. */
export function sidecarReconciler({
  client,
  now,
  tell,
  releaseNamespace,
}: Edges): Reconciler<Observed, Step, undefined> {
  const authorityRef = ({ metadata }: KeyServer) => ({
    namespace: releaseNamespace,
    name: materialName(metadata.name, 'authority-1'),
  })

  /** MinIO dials one address, so one KeyServer: that of the namespace's own identity. */
  async function keyServerOf(namespace: string): Promise<KeyServer | undefined> {
    const identity = await client.get(kesIdentities, { namespace, name: clientSecretName })
    return identity && client.get(keyServers, { name: identity.spec.keyServerRef.name })
  }

  async function identitiesOf(namespace: string): Promise<readonly KesIdentity[]> {
    const { items } = await client.list(kesIdentities, { namespace })
    return items
  }

  async function write(observed: Observed, renew: boolean): Promise<void> {
    const { namespace, keyServer, authorityPem, secret } = observed
    if (authorityPem === undefined) return
    const stored = secret.is === 'ours' ? secret.pair : missing
    const { authorityPem: _, renewAt: __, jitterSeed: ___, ...request } = certificateOf(observed, authorityPem)
    const pair =
      stored.is === 'found' && !renew
        ? stored.value.pem
        : issueLeaf(await storedAuthority(client, authorityRef(keyServer)), stored, {
            ...request,
            commonName: 'kes-injector sidecar',
            organizations: [namespace],
            now: now(),
          })
    const former = secret.is === 'ours' ? secret.content : undefined
    const content = wantedContent(observed, identityOf(pair.certificatePem)) ?? former
    if (content === undefined) return
    await writeSidecarSecret(client, namespace, keyServer.metadata.name, {
      content,
      pair,
      force: secret.is === 'ours',
    })
  }

  return {
    name: 'sidecar',
    plan,
    writeStatus: () => Promise.resolve(),
    async observe(namespace) {
      const keyServer = await keyServerOf(namespace)
      if (!keyServer || !isSidecar(keyServer)) return undefined
      const [authoritySecret, keystore, identities, secret] = await Promise.all([
        client.get(secrets, authorityRef(keyServer)),
        observeKeystore(client, keyServer, releaseNamespace),
        identitiesOf(namespace),
        observeSidecarSecret(client, namespace),
      ])
      const authority = foundAuthority(authoritySecret)
      const trusted = keyServer.status?.authority?.fingerprint
      const observed: Observed = {
        namespace,
        keyServer,
        authorityPem:
          authority.is === 'found' && authority.value.fingerprint === trusted
            ? authority.value.certificatePem
            : undefined,
        keystore,
        inUse: identities.some((each) => isAt(keyServer, each) && each.metadata.deletionTimestamp === undefined),
        policies: policiesOf(keyServer, identities),
        secret,
        status: undefined,
      }
      const problem = problemOf(observed)
      const about = identities.find(({ metadata }) => metadata.name === clientSecretName)
      if (problem !== undefined && about) tell(about, 'Warning', 'SidecarNotConfigured', problem)
      return observed
    },
    async act(step, observed) {
      const about = observed.keyServer
      switch (step.do) {
        case 'make':
          await write(observed, false)
          tell(about, 'Normal', 'SidecarConfigured', `wrote the Secret kes-sidecar of ${observed.namespace}`)
          return
        case 'reconfigure':
          await write(observed, false)
          tell(
            about,
            'Normal',
            'SidecarReconfigured',
            `wrote a new configuration for the KES inside the MinIO pods of ${observed.namespace}: it counts in pods that start from now on`,
          )
          return
        case 'renew':
          await write(observed, true)
          tell(
            about,
            'Normal',
            'SidecarRenewed',
            `issued a new certificate for the KES in ${observed.namespace} (${step.why})`,
          )
          return
        case 'remove':
          await removeSidecarSecret(client, observed.namespace)
          tell(
            about,
            'Normal',
            'SidecarRemoved',
            `deleted the Secret kes-sidecar of ${observed.namespace}: no identity is left there`,
          )
      }
    },
  }
}
