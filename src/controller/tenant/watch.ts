import type { Client } from '../../kube/client.ts'
import { startReflector, type ReflectorEdges } from '../../kube/reflector.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Change } from '../../kube/store.ts'
import { customResourceDefinitions, tenantDefinitionName, tenantMetadata } from './resources.ts'

/** A watch that follows a kind which may not be installed. */
export interface TenantWatch {
  /** Resolves once it is known whether the kind is installed: never waits for the kind itself. */
  readonly synced: Promise<void>
  stop(): void
}

/**
 * Follows Tenants for as long as their kind is installed, by watching its definition: a list of a kind that is not there fails for ever,
 * and the controller has other work. Only what their metadata says is read, so that the operator's status writes, every five seconds a
 * Tenant, are short.
 */
export function followTenants(
  client: Client,
  edges: ReflectorEdges,
  changed: (change: Change<KubeObject>) => void,
): TenantWatch {
  const selection = { fieldSelector: `metadata.name=${tenantDefinitionName}` }
  const definition = startReflector(client, customResourceDefinitions, selection, edges)
  let stopTenants: (() => void) | undefined
  definition.store.subscribe(({ type }) => {
    if (type === 'deleted') {
      stopTenants?.()
      stopTenants = undefined
    } else if (!stopTenants) {
      const tenants = startReflector(client, tenantMetadata, {}, edges)
      tenants.store.subscribe(changed)
      stopTenants = () => tenants.stop()
    }
  })
  return {
    synced: definition.synced,
    stop: () => {
      definition.stop()
      stopTenants?.()
    },
  }
}

/** Whether a change of a Tenant is worth a look: its generation moves with its spec, and not with the status that the operator writes. */
export const isOfSpec = (change: Change<KubeObject>): boolean =>
  change.type !== 'updated' || change.object.metadata.generation !== change.previous.metadata.generation
