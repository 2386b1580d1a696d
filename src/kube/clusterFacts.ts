import type { KeyServer } from '../api/keyServer.ts'
import { enabled, labels } from '../api/names.ts'
import type { Client } from './client.ts'
import { startReflector, type Reflector, type ReflectorEdges } from './reflector.ts'
import { keyServers, namespaces, type Namespace } from './resources.ts'

/** The namespaces and KeyServers of the cluster, from memory. */
export interface ClusterFacts {
  namespace(name: string): Promise<NamespaceFacts | undefined>
  keyServer(name: string): Promise<KeyServerFacts | undefined>
  /** Whether both were listed once: until then nothing can be said. */
  ready(): boolean
  /** When each of the two watches was last heard. */
  lastEventAt(): Readonly<Record<string, Date>>
  readonly synced: Promise<void>
  stop(): void
}

interface NamespaceFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

interface KeyServerFacts {
  readonly name: string
  readonly spec: KeyServer['spec']
}

/** A caller waits for the answer, and the API server waits for the caller five seconds at most. */
const liveReadMs = 1_000

const factsOf = ({ metadata }: Namespace): NamespaceFacts => ({
  name: metadata.name,
  labels: metadata.labels ?? {},
  annotations: metadata.annotations ?? {},
})

/**
 * Follows namespaces and KeyServers. Answers come from memory; only where that cannot be right — the object is not known, or a
 * namespace is asked about whose label has not reached us — is there one live read with a short deadline.
 */
export function followCluster(client: Client, edges: ReflectorEdges): ClusterFacts {
  const optedIn: Reflector<Namespace> = startReflector(
    client,
    namespaces,
    { labelSelector: `${labels.inject}=${enabled}` },
    edges,
  )
  const servers: Reflector<KeyServer> = startReflector(client, keyServers, {}, edges)
  return {
    ready: () => optedIn.isSynced() && servers.isSynced(),
    synced: Promise.all([optedIn.synced, servers.synced]).then(() => undefined),
    lastEventAt: () => ({ namespaces: optedIn.lastEventAt(), keyservers: servers.lastEventAt() }),
    async namespace(name) {
      const known = optedIn.store.get(name) ?? (await client.get(namespaces, { name }, { deadlineMs: liveReadMs }))
      return known && factsOf(known)
    },
    async keyServer(name) {
      const known = servers.store.get(name) ?? (await client.get(keyServers, { name }, { deadlineMs: liveReadMs }))
      return known && { name, spec: known.spec }
    },
    stop() {
      optedIn.stop()
      servers.stop()
    },
  }
}
