import type { KubeObject, Resource } from '../../kube/object.ts'

/** The MinIO operator's Tenant, as far as it is read here: as users wrote it, the operator stores no defaults. */
export interface Tenant extends KubeObject {
  readonly spec?: {
    readonly externalClientCertSecret?: { readonly name?: string; readonly type?: string } | null
    readonly kes?: {
      readonly replicas?: number
      readonly externalCertSecret?: { readonly name?: string; readonly type?: string } | null
    } | null
  }
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | undefined
}

const tenantPlace = { group: 'minio.min.io', version: 'v2', plural: 'tenants', kind: 'Tenant', namespaced: true }

export const tenants: Resource<Tenant> = tenantPlace

/** Tenants without spec and status: their generation says whether a look is worth it. */
export const tenantMetadata: Resource = { ...tenantPlace, metadataOnly: true }

export const tenantDefinitionName = 'tenants.minio.min.io'

/** The definitions of kinds, without what they define: to see whether one is installed. */
export const customResourceDefinitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
  metadataOnly: true,
}

export const configMaps: Resource<ConfigMap> = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
}
