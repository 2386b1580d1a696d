import type { KeyServer } from '../api/keyServer.ts'
import type { KesIdentity } from '../api/kesIdentity.ts'
import { clientSecretName, enabled, labels } from '../api/names.ts'
import type { Client } from './client.ts'
import { startReflector, type Reflector, type ReflectorEdges } from './reflector.ts'
import { kesIdentities, keyServers, namespaces, type Namespace } from './resources.ts'

/** The namespaces and KeyServers of the cluster, from memory. */
export interface ClusterFacts {
  namespace(name: string): Soon<NamespaceFacts>
  keyServer(name: string): Soon<KeyServerFacts>
  /** Whether both were listed once: until then nothing can be said. */
  ready(): boolean
  /** When each of the two watches was last heard. */
  lastEventAt(): Readonly<Record<string, Date>>
  readonly synced: Promise<void>
  stop(): void
}

/** From memory now, or from the API server soon. */
type Soon<T> = T | Promise<T | undefined>

interface NamespaceFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly boundTo?: string | undefined
}

interface KeyServerFacts {
  readonly name: string
  readonly spec: KeyServer['spec']
}

/** A caller waits for the answer, and the API server waits for the caller five seconds at most. */
const liveReadMs = 1_000

const factsOf = ({ metadata }: Namespace, identity: KesIdentity | undefined): NamespaceFacts => ({
  name: metadata.name,
  boundTo: identity?.spec.keyServerRef.name,
  labels: metadata.labels ?? {},
  annotations: metadata.annotations ?? {},
})

/**
 * Follows namespaces, their identities and KeyServers. Answers come from memory; only where that cannot be right — the object is not known, or a
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
  const identities = startReflector(client, kesIdentities, {}, edges)
  const identityOf = (namespace: string) => identities.store.get(`${namespace}/${clientSecretName}`)
  const synced = Promise.all([optedIn.synced, servers.synced, identities.synced]).then(() => undefined)
  // Whoever stops without having waited for it must not be killed by it.
  synced.catch(() => undefined)
  return {
    ready: () => optedIn.isSynced() && servers.isSynced() && identities.isSynced(),
    synced,
    lastEventAt: () => ({
      namespaces: optedIn.lastEventAt(),
      keyservers: servers.lastEventAt(),
      kesidentities: identities.lastEventAt(),
    }),
    namespace(name) {
      const known = optedIn.store.get(name)
      if (known) return factsOf(known, identityOf(name))
      return client
        .get(namespaces, { name }, { deadlineMs: liveReadMs })
        .then((found) => found && factsOf(found, identityOf(name)))
    },
    keyServer(name) {
      const known = servers.store.get(name)
      if (known) return { name, spec: known.spec }
      return client
        .get(keyServers, { name }, { deadlineMs: liveReadMs })
        .then((found) => found && { name, spec: found.spec })
    },
    stop() {
      optedIn.stop()
      servers.stop()
      identities.stop()
    },
  }
}
