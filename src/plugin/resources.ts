import type { V1Deployment } from '@kubernetes/client-node'
import type { KubeObject, Resource } from '../kube/object.ts'
import type { Wire } from '../kube/resources.ts'
import { tenantGroup, tenantKind, tenantResource } from '../minio/tenant.ts'

/** The kinds that only people ask about. */

type Plain = KubeObject & Readonly<Record<string, unknown>>

export type Deployment = KubeObject & Wire<Omit<V1Deployment, 'apiVersion' | 'kind' | 'metadata'>>

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | undefined
}

/** A MinIO Tenant, as its user wrote it. */
export type Tenant = Plain

const admission = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false }

export const tenants: Resource<Tenant> = {
  group: tenantGroup,
  version: 'v2',
  plural: tenantResource,
  kind: tenantKind,
  namespaced: true,
}

export const deployments: Resource<Deployment> = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
}

export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
}

export const customResourceDefinitions: Resource<Plain> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
}

export const validatingPolicies: Resource = {
  ...admission,
  plural: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
}

export const validatingPolicyBindings: Resource = {
  ...admission,
  plural: 'validatingadmissionpolicybindings',
  kind: 'ValidatingAdmissionPolicyBinding',
}

export const mutatingPolicies: Resource = {
  ...admission,
  plural: 'mutatingadmissionpolicies',
  kind: 'MutatingAdmissionPolicy',
}
