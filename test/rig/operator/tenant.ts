import type { KubeObject, Resource } from '../../../src/kube/object.ts'

export interface Reference {
  readonly name: string
  readonly type?: string
}

export interface Variable {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: object
}

export interface Pool {
  readonly name: string
  readonly servers: number
  readonly volumesPerServer: number
  readonly volumeClaimTemplate: { readonly spec?: object }
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly resources?: object
  readonly securityContext?: object
  readonly containerSecurityContext?: object
}

export interface Kes {
  readonly image?: string
  readonly replicas?: number
  readonly kesSecret: { readonly name: string }
  readonly externalCertSecret?: Reference
  readonly keyName?: string
  readonly env?: readonly Variable[]
}

/** The part of minio.min.io/v2 that the stand-in acts on. */
export interface StandInTenant extends KubeObject {
  readonly spec: {
    readonly image?: string
    readonly pools: readonly Pool[]
    readonly env?: readonly Variable[]
    readonly configuration?: { readonly name: string }
    readonly externalCertSecret?: readonly Reference[]
    readonly externalCaCertSecret?: readonly Reference[]
    readonly externalClientCertSecret?: Reference
    readonly externalClientCertSecrets?: readonly Reference[]
    readonly additionalVolumes?: readonly object[]
    readonly additionalVolumeMounts?: readonly object[]
    readonly kes?: Kes
  }
  readonly status?: object
}

export const tenants: Resource<StandInTenant> = {
  group: 'minio.min.io',
  version: 'v2',
  plural: 'tenants',
  kind: 'Tenant',
  namespaced: true,
}

/** Name and namespace, which every Tenant of a cluster has. */
export const placeOf = ({ metadata: { name, namespace = '' } }: StandInTenant) => ({ name, namespace })

/** On everything that is made for a Tenant, so that it goes with it. */
export const ownerOf = ({ metadata: { name, uid = '' } }: StandInTenant) => [
  { apiVersion: 'minio.min.io/v2', kind: 'Tenant', name, uid, controller: true, blockOwnerDeletion: true },
]
