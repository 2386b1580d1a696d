import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { enabled, labels } from '../../api/names.ts'
import type { KubeObject } from '../../kube/object.ts'
import { kesIdentities, keyServers, namespaces, type Namespace } from '../../kube/resources.ts'
import { seeAll, type Cluster } from '../cluster.ts'
import { installedNames, observeInstallation, type Installation } from '../installation.ts'
import {
  customResourceDefinitions,
  deployments,
  validatingPolicies,
  validatingPolicyBindings,
  type Deployment,
} from '../resources.ts'
import { see, type Seen } from '../seen.ts'

export const definitionNames = ['keyservers.kes-injector.io', 'kesidentities.kes-injector.io'] as const

/** The guard of the chart, policy by policy. */
export const guardNames = [
  'kes-injector-pods',
  'kes-injector-tenants',
  'kes-injector-key-secrets',
  'kes-injector-key-pvcs',
  'kes-injector-key-owners',
] as const

type ByName<T> = readonly (readonly [string, Seen<T>])[]

/** What is installed, and how it is. */
export interface Observed {
  readonly serverVersion: string
  readonly definitions: ByName<KubeObject & Readonly<Record<string, unknown>>>
  readonly installation: Installation
  readonly controllerDeployment: Seen<Deployment>
  readonly policies: ByName<KubeObject>
  readonly bindings: ByName<KubeObject>
  readonly keyServers: Seen<readonly KeyServer[]>
  readonly namespaces: Seen<readonly Namespace[]>
  readonly identities: Seen<readonly KesIdentity[]>
}

export async function observeInstall(cluster: Cluster): Promise<Observed> {
  const { client, plain } = cluster
  const byName = <T>(names: readonly string[], look: (name: string) => Promise<Seen<T>>): Promise<ByName<T>> =>
    Promise.all(names.map(async (name) => [name, await look(name)] as const))
  // First of all, so that an API server that cannot be reached is one plain error.
  const serverVersion = await plain.serverVersion()
  const [definitions, installation, policies, bindings, servers, optedIn, identities] = await Promise.all([
    byName(definitionNames, (name) => see(client.get(customResourceDefinitions, { name }))),
    observeInstallation(cluster),
    byName(guardNames, (name) => see(client.get(validatingPolicies, { name }))),
    byName(guardNames, (name) => see(client.get(validatingPolicyBindings, { name }))),
    seeAll(client, keyServers),
    seeAll(client, namespaces, { labelSelector: `${labels.inject}=${enabled}` }),
    seeAll(client, kesIdentities),
  ])
  const controllerRef = { namespace: installation.releaseNamespace, name: installedNames.controller }
  return {
    serverVersion,
    definitions,
    installation,
    controllerDeployment: await see(client.get(deployments, controllerRef)),
    policies,
    bindings,
    keyServers: servers,
    namespaces: optedIn,
    identities,
  }
}
