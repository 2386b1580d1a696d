import type { KesIdentity } from '../../../../src/api/kesIdentity.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { certManager } from '../../../../src/controller/issuance/issuer.ts'
import { serverReconciler } from '../../../../src/controller/server/reconciler.ts'
import { keyServers, pods, secrets, statefulSets, type Secret } from '../../../../src/kube/resources.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient, type MemoryClient } from '../memoryClient.ts'
import { memoryReplicas, type MemoryReplicas } from '../memoryReplicas.ts'
import { now } from '../pairs.ts'
import { spec } from './settled.ts'

export const at = (name: string) => ({ namespace: 'kes-system', name })

/** The user's Secret with this section in it. */
export const section = (text: string): Secret => ({
  metadata: at('vault'),
  data: { 'server-config.yaml': Buffer.from(text).toString('base64') },
})
export const good = 'vault:\n  endpoint: https://v\n  approle: { id: a, secret: hunter2 }\n'
export const wrong = 'vault:\n  endpont: https://v\n'

export const issued = (namespace: string, hex: string): KesIdentity => ({
  ...kesIdentity({}, { namespace }),
  status: { identity: hex },
})

/** A cluster with one KeyServer of the kind `server`, two replicas wanted, and a key store. */
export interface Cluster {
  readonly client: MemoryClient
  readonly kes: MemoryReplicas
  identities: readonly KesIdentity[]
}

export function newCluster(identities: readonly KesIdentity[]): Cluster {
  const client = memoryClient([keyServers, keyServer(spec)], [secrets, section(good)])
  return { client, kes: memoryReplicas(client), identities }
}

export async function run({ client, kes, identities }: Cluster): Promise<void> {
  const reconciler = serverReconciler({
    client,
    replicas: kes,
    issuer: certManager(client, 'kes-system', () => now),
    now: () => now,
    tell: () => undefined,
    releaseNamespace: 'kes-system',
    clusterDomain: 'cluster.local',
    serverImage: 'kes:1',
    serverImagePullPolicy: 'IfNotPresent',
    agentImage: 'kes-injector:1',
    agentImagePullPolicy: 'IfNotPresent',
    keyServerAccount: 'kes-injector-key-server',
    networkPolicies: true,
    identitiesOf: () => identities,
  })
  await reconcile(reconciler, 'default', () => now, new AbortController().signal, { acted: () => undefined })
}

/** The node's part: pods once there is a StatefulSet, and agents that make them load what lies there. */
export function nodeWorks({ client, kes }: Cluster): void {
  if (client.at(statefulSets, at('kes-default')))
    for (const name of ['kes-default-0', 'kes-default-1']) if (!client.at(pods, at(name))) kes.start(name)
  kes.reload()
}

export async function bringUp(cluster: Cluster): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await run(cluster)
    nodeWorks(cluster)
  }
  await run(cluster)
}

export const statusOf = ({ client }: Cluster) => client.at(keyServers, { name: 'default' })?.status

/** The text of the configuration that lies in the Secret. */
export const configOf = ({ client }: Cluster): string | undefined => {
  const secret = client.at(secrets, at('kes-default-config'))
  return secret && secretText(secret, 'server-config.yaml')
}
