import type {
  EventsV1Event,
  V1Lease,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1NetworkPolicy,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node'
import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import type { KubeObject, ObjectMeta, Resource } from './object.ts'

/** A client-node model as it is on the wire: dates are strings (the library says `Date`), and nothing may be changed. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer E)[]
    ? readonly Wire<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Wire<T[K]> }
      : T

type Model<T> = { readonly metadata: ObjectMeta } & KubeObject & Wire<Omit<T, 'apiVersion' | 'kind' | 'metadata'>>

export type Namespace = Model<V1Namespace>
export type Secret = Model<V1Secret>
export type Service = Model<V1Service>
export type StatefulSet = Model<V1StatefulSet>
export type NetworkPolicy = Model<V1NetworkPolicy>
export type PersistentVolumeClaim = Model<V1PersistentVolumeClaim>
export type Pod = Model<V1Pod>
export type PodDisruptionBudget = Model<V1PodDisruptionBudget>
export type Lease = Model<V1Lease>
export type MutatingWebhookConfiguration = Model<V1MutatingWebhookConfiguration>
export type Event = Model<EventsV1Event>

const core = { group: '', version: 'v1' }
const ours = { group: 'kes-injector.io', version: 'v1alpha1' }

export const namespaces: Resource<Namespace> = { ...core, plural: 'namespaces', kind: 'Namespace', namespaced: false }
export const secrets: Resource<Secret> = { ...core, plural: 'secrets', kind: 'Secret', namespaced: true }
/** Secrets without their bytes: what a watch may see of them. */
export const secretMetadata: Resource = {
  ...core,
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
  metadataOnly: true,
}
export const services: Resource<Service> = { ...core, plural: 'services', kind: 'Service', namespaced: true }
export const pods: Resource<Pod> = { ...core, plural: 'pods', kind: 'Pod', namespaced: true }

export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  ...core,
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
}

export const networkPolicies: Resource<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  plural: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
}

export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
}

export const statefulSets: Resource<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  kind: 'StatefulSet',
  namespaced: true,
}

export const leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
}

export const mutatingWebhookConfigurations: Resource<MutatingWebhookConfiguration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
}

export const events: Resource<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
}

export const keyServers: Resource<KeyServer> = { ...ours, plural: 'keyservers', kind: 'KeyServer', namespaced: false }

export const kesIdentities: Resource<KesIdentity> = {
  ...ours,
  plural: 'kesidentities',
  kind: 'KesIdentity',
  namespaced: true,
}
