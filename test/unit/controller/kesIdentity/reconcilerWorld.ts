import type { KesIdentity } from '../../../../src/api/kesIdentity.ts'
import { enrolStateful } from '../../../../src/controller/kesIdentity/enrolStateful.ts'
import { certManager } from '../../../../src/controller/issuance/issuer.ts'
import { kesIdentityReconciler } from '../../../../src/controller/kesIdentity/reconciler.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { secretObject } from '../../../../src/controller/secretWriter.ts'
import { kesIdentities, keyServers, namespaces, secrets } from '../../../../src/kube/resources.ts'
import { privateKeyPem } from '../../../../src/pki/privateKey.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient, type MemoryClient } from '../memoryClient.ts'
import { memoryKes, type MemoryKes } from '../memoryKes.ts'
import { authorityFacts, newAuthority, now } from '../pairs.ts'

export const releaseNamespace = 'kes-system'
export const authority = newAuthority()

const condition = (type: string) =>
  ({ type, status: 'True', reason: 'r', message: 'm', lastTransitionTime: '' }) as const
const { fingerprint } = authorityFacts(authority)
const ready = keyServer(
  {},
  {
    authority: { fingerprint, notAfter: '', generation: 1 },
    keys: ['team-a_minio'],
    conditions: [condition('Ready'), condition('Serving')],
  },
)
export const authoritySecret = secretObject({
  namespace: releaseNamespace,
  name: 'kes-default-authority-1',
  data: { 'tls.crt': authority.certificatePem, 'tls.key': privateKeyPem(authority.key) },
})

/** A release namespace with a KeyServer that is ready, and the namespace team-a. */
export interface Cluster {
  readonly client: MemoryClient
  readonly kes: MemoryKes
  readonly told: string[]
}
export const newCluster = (...identities: readonly KesIdentity[]): Cluster => ({
  client: memoryClient(
    [keyServers, ready],
    [namespaces, { metadata: { name: 'team-a' } }],
    [secrets, authoritySecret],
    ...identities.map((each) => [kesIdentities, each] as const),
  ),
  kes: memoryKes(),
  told: [],
})

export const run = ({ client, kes, told }: Cluster, key: string, at: Date = now) =>
  reconcile(
    kesIdentityReconciler({
      client,
      enrollers: { stateful: enrolStateful(kes) },
      issuer: certManager(client, releaseNamespace, () => at),
      now: () => at,
      tell: (_about, _type, reason) => told.push(reason),
      releaseNamespace,
    }),
    key,
    () => at,
    new AbortController().signal,
    { acted: () => undefined },
  )

export const handedOut = ({ client }: Cluster) => client.at(secrets, { namespace: 'team-a', name: 'kes-client' })
export const conditionOf = ({ client }: Cluster, name: string, wanted = 'Ready') =>
  client.at(kesIdentities, { namespace: 'team-a', name })?.status?.conditions?.find(({ type }) => type === wanted)
