type Entry = Readonly<Record<string, unknown>>

const value = (name: string, its: string): Entry => ({ name, value: its })
const field = (name: string, fieldPath: string): Entry => ({ name, valueFrom: { fieldRef: { fieldPath } } })
const secret = (name: string, key: string): Entry => ({
  name,
  valueFrom: { secretKeyRef: { name: 'store-root', key } },
})

const env: readonly Entry[] = [
  value('MINIO_VOLUMES', 'https://minio-{0...3}.minio-hl.team-a.svc.cluster.local/export{0...1}'),
  value('MINIO_SERVER_URL', 'https://minio.team-a.svc.cluster.local:443'),
  value('MINIO_BROWSER_REDIRECT_URL', 'https://console.team-a.example.com'),
  value('MINIO_PROMETHEUS_JOB_ID', 'minio-job'),
  value('MINIO_PROMETHEUS_AUTH_TYPE', 'public'),
  value('MINIO_REGION', 'eu-central-1'),
  value('MINIO_STORAGE_CLASS_STANDARD', 'EC:4'),
  value('MINIO_API_REQUESTS_MAX', '1600'),
  value('MINIO_API_REQUESTS_DEADLINE', '2m'),
  value('MINIO_SCANNER_SPEED', 'default'),
  value('MINIO_COMPRESSION_ENABLE', 'off'),
  value('MINIO_UPDATE', 'off'),
  value('GOGC', '100'),
  field('POD_NAME', 'metadata.name'),
  field('POD_NAMESPACE', 'metadata.namespace'),
  secret('MINIO_ROOT_USER', 'user'),
  secret('MINIO_ROOT_PASSWORD', 'password'),
]

const restricted: Entry = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
}
const probe = (path: string): Entry => ({ httpGet: { path, port: 9000, scheme: 'HTTPS' }, periodSeconds: 10 })

const minio: Entry = {
  name: 'minio',
  image: 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z',
  args: ['server', '--certs-dir', '/tmp/certs'],
  env,
  ports: [{ name: 'api', containerPort: 9000 }],
  resources: { requests: { cpu: '500m', memory: '2Gi' }, limits: { memory: '4Gi' } },
  securityContext: restricted,
  readinessProbe: probe('/minio/health/ready'),
  livenessProbe: probe('/minio/health/live'),
  volumeMounts: [
    { name: 'export0', mountPath: '/export0' },
    { name: 'export1', mountPath: '/export1' },
    { name: 'tls', mountPath: '/tmp/certs', readOnly: true },
  ],
}
const exporter: Entry = {
  name: 'exporter',
  image: 'registry.example.com/exporter:1',
  env: [value('LOG_LEVEL', 'info'), field('POD_IP', 'status.podIP')],
  securityContext: restricted,
}
const volumes: readonly Entry[] = [
  { name: 'export0', emptyDir: {} },
  { name: 'export1', emptyDir: {} },
  { name: 'tls', projected: { sources: [{ secret: { name: 'minio-tls' } }, { configMap: { name: 'trusted' } }] } },
]

const workload = (kind: string, namespace: string, name: string, spec: Entry, podSpec: Entry): Entry => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: {
        labels: { app: name, 'app.kubernetes.io/name': 'minio' },
        annotations: { 'example.com/scrape': 'yes' },
      },
      spec: podSpec,
    },
    ...spec,
  },
})

export const statefulSet = (namespace: string): Entry =>
  workload(
    'StatefulSet',
    namespace,
    'minio',
    { serviceName: 'minio-hl' },
    {
      securityContext: { fsGroup: 1000 },
      containers: [minio, exporter],
      volumes,
    },
  )

export const deployment = (namespace: string): Entry =>
  workload(
    'Deployment',
    namespace,
    'store',
    {},
    {
      containers: [{ name: 'minio', image: 'minio', args: ['server', '/data'] }],
    },
  )

export const nginx = (namespace: string, name: string): Entry => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
})

export const tenant = (namespace: string, spec: Entry): Entry => ({
  apiVersion: 'minio.min.io/v2',
  kind: 'Tenant',
  metadata: { name: 'store', namespace, labels: { app: 'store' } },
  spec: {
    image: 'quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z',
    configuration: { name: 'store-configuration' },
    pools: [
      {
        name: 'pool-0',
        servers: 4,
        volumesPerServer: 2,
        volumeClaimTemplate: {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Ti' } } },
        },
      },
    ],
    requestAutoCert: true,
    ...spec,
  },
})

/** What we write into a Tenant, for our entry at index 0. */
export const tenantEnv: readonly Entry[] = [
  value('MINIO_KMS_KES_ENDPOINT', 'https://kes-default.kes-system.svc:7373'),
  value('MINIO_KMS_KES_KEY_NAME', 'team-a_minio'),
  value('MINIO_KMS_KES_CERT_FILE', '/tmp/certs/client-0/client.crt'),
  value('MINIO_KMS_KES_KEY_FILE', '/tmp/certs/client-0/client.key'),
  value('MINIO_KMS_KES_CAPATH', '/tmp/certs/CAs/client-ca-0.crt'),
]
