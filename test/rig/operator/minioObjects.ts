import { sourcesOf } from './certificates.ts'
import { ownerOf, placeOf, type Pool, type StandInTenant } from './tenant.ts'

export interface StandInImages {
  /** Of the init container and the sidecar: any with a shell; `mc` in it lets tests talk to the MinIO beside it. */
  readonly sidecar: string
}

/** Where the stand-in keeps the environment that it made: the real operator's sidecar makes it itself from the Tenant. */
export const configurationSecretOf = (tenant: StandInTenant): string => `${placeOf(tenant).name}-stand-in-configuration`

const made = '/tmp/stand-in/config.env'
const read = '/tmp/minio/config.env'
const keepCopying = `while true; do cmp -s ${made} ${read} || cp ${made} ${read}; sleep 1; done`

const group = { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, runAsNonRoot: true }
const closed = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
}

const poolLabels = (tenant: StandInTenant, pool: Pool) => {
  const { name } = placeOf(tenant)
  return { 'v1.min.io/tenant': name, 'v1.min.io/pool': pool.name, 'v1.min.io/console': `${name}-console` }
}

/** The operator uses these lists only where both have entries and equally many; else it says nothing and uses neither. */
function additional({ spec: { additionalVolumes: volumes = [], additionalVolumeMounts: mounts = [] } }: StandInTenant) {
  return volumes.length > 0 && volumes.length === mounts.length ? { volumes, mounts } : { volumes: [], mounts: [] }
}

const dataVolumes = ({ volumesPerServer }: Pool) =>
  Array.from({ length: volumesPerServer }, (_, index) => ({
    name: `data${index}`,
    mountPath: volumesPerServer === 1 ? '/export' : `/export${index}`,
  }))

/** The StatefulSet of one pool. Its template does not hold the environment, so a change of that rolls no pod. */
export function poolStatefulSet(tenant: StandInTenant, pool: Pool, images: StandInImages): object {
  const { name, namespace } = placeOf(tenant)
  const labels = poolLabels(tenant, pool)
  const sources = sourcesOf(tenant)
  const { volumes, mounts } = additional(tenant)
  const data = dataVolumes(pool)
  const environment = [
    { name: 'cfg-vol', mountPath: '/tmp/minio' },
    { name: 'configuration', mountPath: '/tmp/stand-in', readOnly: true },
    ...mounts,
  ]
  const helper = { image: images.sidecar, securityContext: closed, volumeMounts: environment }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: `${name}-${pool.name}`, namespace, labels, ownerReferences: ownerOf(tenant) },
    spec: {
      replicas: pool.servers,
      serviceName: `${name}-hl`,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { 'v1.min.io/tenant': name, 'v1.min.io/pool': pool.name } },
      template: {
        metadata: { labels: { ...labels, ...pool.labels }, annotations: { ...pool.annotations } },
        spec: {
          terminationGracePeriodSeconds: 2,
          securityContext: pool.securityContext ?? group,
          initContainers: [{ ...helper, name: 'validate-arguments', command: ['sh', '-c', `cp ${made} ${read}`] }],
          containers: [
            {
              name: 'minio',
              image: tenant.spec.image,
              args: ['server', '--certs-dir', '/tmp/certs', '--console-address', ':9443'],
              env: [{ name: 'MINIO_CONFIG_ENV_FILE', value: read }],
              resources: pool.resources ?? {},
              securityContext: pool.containerSecurityContext ?? closed,
              volumeMounts: [
                { name: 'cfg-vol', mountPath: '/tmp/minio' },
                ...(sources.length > 0 ? [{ name: `${name}-tls`, mountPath: '/tmp/certs', readOnly: true }] : []),
                ...data,
                ...mounts,
              ],
            },
            {
              ...helper,
              name: 'sidecar',
              command: ['sh', '-c', keepCopying],
              readinessProbe: { exec: { command: ['test', '-s', read] }, periodSeconds: 1 },
            },
          ],
          volumes: [
            { name: 'cfg-vol', emptyDir: {} },
            { name: 'configuration', secret: { secretName: configurationSecretOf(tenant) } },
            ...(sources.length > 0 ? [{ name: `${name}-tls`, projected: { sources } }] : []),
            ...volumes,
          ],
        },
      },
      volumeClaimTemplates: data.map(({ name: volume }) => ({
        metadata: { name: volume },
        spec: { accessModes: ['ReadWriteOnce'], ...pool.volumeClaimTemplate.spec },
      })),
    },
  }
}

/** The two Services of a Tenant: one that pods find each other by, and the one called `minio`, whatever the Tenant is called. */
export function minioServices(tenant: StandInTenant): readonly object[] {
  const { name, namespace } = placeOf(tenant)
  const service = (own: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: own, namespace, ownerReferences: ownerOf(tenant) },
    spec: { selector: { 'v1.min.io/tenant': name }, ports: [{ name: 'http-minio', port: 9000 }], ...spec },
  })
  return [
    service(`${name}-hl`, { clusterIP: 'None', publishNotReadyAddresses: true }),
    service('minio', { ports: [{ name: 'http-minio', port: 80, targetPort: 9000 }] }),
  ]
}
