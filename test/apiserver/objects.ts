import type { Resource } from '../../src/kube/object.ts'

type Entry = Readonly<Record<string, unknown>>

interface TenantObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid?: string
    readonly generation?: number
    readonly resourceVersion?: string
  }
  readonly spec: {
    readonly env?: readonly Entry[]
    readonly externalClientCertSecrets?: readonly Entry[]
  } & Entry
  readonly status?: Entry
}

export const tenants: Resource<TenantObject> = {
  group: 'minio.min.io',
  version: 'v2',
  plural: 'tenants',
  kind: 'Tenant',
  namespaced: true,
}

/** A Tenant as a person writes it; `spec` adds to the little that every Tenant has. */
export const tenant = (namespace: string, spec: Entry = {}, metadata: Entry = {}): TenantObject => ({
  apiVersion: 'minio.min.io/v2',
  kind: 'Tenant',
  metadata: { name: 'store', namespace, ...metadata },
  spec: {
    image: 'minio',
    configuration: { name: 'store-configuration' },
    pools: [{ name: 'pool-0', servers: 4, volumesPerServer: 2, volumeClaimTemplate: { spec: {} } }],
    ...spec,
  },
})

/** A plain MinIO pod. No node takes it here. */
export const minioPod = (namespace: string, name: string, container: Entry = {}, spec: Entry = {}): Entry => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'minio', image: 'minio', ...container }], ...spec },
})

/** A pod that has nothing to do with MinIO. */
export const otherPod = (namespace: string, name: string): Entry =>
  minioPod(namespace, name, { name: 'web', image: 'nginx' })

/** The five variables as the webhook writes them, for our entry at this index. */
export const kesVariables = (namespace: string, index: number, keyServer = 'default'): readonly Entry[] => [
  { name: 'MINIO_KMS_KES_ENDPOINT', value: `https://kes-${keyServer}.kes-injector.svc:7373` },
  { name: 'MINIO_KMS_KES_KEY_NAME', value: `${namespace}_minio` },
  { name: 'MINIO_KMS_KES_CERT_FILE', value: `/tmp/certs/client-${index}/client.crt` },
  { name: 'MINIO_KMS_KES_KEY_FILE', value: `/tmp/certs/client-${index}/client.key` },
  { name: 'MINIO_KMS_KES_CAPATH', value: `/tmp/certs/CAs/client-ca-${index}.crt` },
]

export const ourReference = { name: 'kes-client', type: 'cert-manager.io/v1' } as const
