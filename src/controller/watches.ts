import {
  clientSecretName,
  enabled,
  labels,
  sidecarSecretName,
  tenantClientSecretName,
  tenantServerSecretName,
} from '../api/names.ts'
import type { KesIdentity } from '../api/kesIdentity.ts'
import type { Client, Selection } from '../kube/client.ts'
import type { KubeObject, Resource } from '../kube/object.ts'
import { startReflector, type ReflectorEdges } from '../kube/reflector.ts'
import {
  kesIdentities,
  keyServers,
  mutatingWebhookConfigurations,
  namespaces,
  pods,
  secretMetadata,
} from '../kube/resources.ts'
import type { Store } from '../kube/store.ts'
import { certificateExpiries, recordedExpiries, type Expiry } from './certificateExpiry.ts'
import { tenantLabels } from './tenant/names.ts'
import { configMaps } from './tenant/resources.ts'
import { followTenants } from './tenant/watch.ts'
import { triggers, type Wake } from './triggers.ts'

export interface WatchOptions {
  readonly releaseNamespace: string
  /** The configuration whose `caBundle` is kept; undefined where no webhook is served. */
  readonly webhookConfiguration: string | undefined
}

/** Everything that the controller follows. */
export interface Watches {
  /** Resolves when all of it was listed once. */
  readonly synced: Promise<unknown>
  identitiesOf(keyServer: string): readonly KesIdentity[]
  expiries(): readonly Expiry[]
  stop(): void
}

/**
 * Follows every kind of object whose change is worth another look, and wakes the keys that it touches. Watches only wake: what is
 * decided about is read again (docs/adr/0005-live-reads.md). Of Secrets nothing but their metadata reaches this process here.
 */
export function startWatches(
  client: Client,
  { releaseNamespace, webhookConfiguration }: WatchOptions,
  edges: ReflectorEdges,
  wake: (wakes: readonly Wake[]) => void,
): Watches {
  const stops: (() => void)[] = []
  const syncs: Promise<void>[] = []
  function follow<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    wakes: (changed: T) => readonly Wake[],
  ): Store<T> {
    const reflector = startReflector(client, resource, selection, edges)
    reflector.store.subscribe(({ object }) => wake(wakes(object)))
    stops.push(() => reflector.stop())
    syncs.push(reflector.synced)
    return reflector.store
  }
  const named = (name: string): Selection => ({ fieldSelector: `metadata.name=${name}` })
  const here = (...labelled: readonly string[]): Selection => ({
    namespace: releaseNamespace,
    labelSelector: labelled.join(','),
  })
  const ours = `${labels.managedBy}=kes-injector`
  const theirs = `${labels.managedBy}!=kes-injector`

  const identityStore = follow(kesIdentities, {}, triggers.kesIdentity)
  const identities = () => identityStore.list()
  const servers = follow(keyServers, {}, (changed) => triggers.keyServer(changed, identities()))
  follow(namespaces, { labelSelector: `${labels.inject}=${enabled}` }, (changed) =>
    triggers.namespace(changed, identities()),
  )
  follow(pods, here(`${labels.component}=key-server`), triggers.keyServerPod)
  follow(secretMetadata, here(ours), triggers.releaseSecret)
  follow(secretMetadata, here(theirs), (changed) => triggers.namedSecret(changed, servers.list()))
  follow(secretMetadata, named(clientSecretName), (changed) => triggers.workloadSecret(changed, identities()))

  follow(secretMetadata, named(sidecarSecretName), (changed) => triggers.sidecarSecret(changed, identities()))

  const ofTenants = `${labels.component}=${tenantLabels[labels.component]}`
  const records = follow(configMaps, here(ours, ofTenants), triggers.tenantRecord)
  for (const name of [tenantClientSecretName, tenantServerSecretName])
    follow(secretMetadata, named(name), triggers.tenantSecret)
  const tenants = followTenants(client, edges, (change) => wake(triggers.tenant(change)))
  stops.push(() => tenants.stop())
  syncs.push(tenants.synced)

  if (webhookConfiguration !== undefined)
    follow(mutatingWebhookConfigurations, named(webhookConfiguration), triggers.webhookConfiguration)

  return {
    synced: Promise.all(syncs),
    identitiesOf: (keyServer) => identities().filter(({ spec }) => spec.keyServerRef.name === keyServer),
    expiries: () => [...certificateExpiries(servers.list(), identities()), ...records.list().flatMap(recordedExpiries)],
    stop() {
      for (const stop of stops) stop()
    },
  }
}
