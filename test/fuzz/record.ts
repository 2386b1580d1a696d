// Records reviews as a real API server sends them, into test/fuzz/reviews: what the fuzzer mutates and the bench sends.
// They are JSON in one line, as it came; their names keep formatters away. Run it by hand (`node test/fuzz/record.ts`)
// after a change of the rig's Kubernetes version; the files are committed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { newAuthority, servingCertificate } from '../fixtures/certificates.ts'
import { openCluster } from '../fixtures/clusterAccess.ts'
import { tenantCrd } from '../fixtures/tenantCrd.ts'
import { startControlPlane } from '../rig/controlPlane/controlPlane.ts'
import { until } from '../rig/waiting.ts'
import { deployment, nginx, statefulSet, tenant, tenantEnv } from './recordedObjects.ts'

interface Recorded {
  readonly request: {
    readonly operation: string
    readonly subResource?: string
    readonly resource: { readonly resource: string }
    readonly object: { readonly metadata: { readonly name?: string; readonly generateName?: string } } | null
    readonly name?: string
  }
}

const folder = join(import.meta.dirname, 'reviews')
mkdirSync(folder, { recursive: true })
const namespace = 'team-a'
const recorded: { readonly review: Recorded; readonly text: string }[] = []

const authority = newAuthority()
const { certificatePem, keyPem } = servingCertificate(authority)
const recorder = createServer({ cert: certificatePem, key: keyPem }, (request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString()
    const review = JSON.parse(text) as Recorded & { readonly request: { readonly uid: string } }
    recorded.push({ review, text })
    const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }
    response.end(JSON.stringify({ ...answer, response: { uid: review.request.uid, allowed: true } }))
  })
})
await new Promise<void>((resolve) => recorder.listen(0, '127.0.0.1', resolve))

const configuration = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'recorder' },
  webhooks: [
    {
      name: 'recorder.kes-injector.io',
      clientConfig: {
        url: `https://127.0.0.1:${(recorder.address() as AddressInfo).port}/mutate`,
        caBundle: Buffer.from(authority.certificatePem).toString('base64'),
      },
      rules: [
        {
          apiGroups: ['', 'minio.min.io'],
          apiVersions: ['*'],
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: ['pods', 'tenants', 'tenants/status'],
        },
      ],
      namespaceSelector: { matchLabels: { 'kes-injector.io/inject': 'enabled' } },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      failurePolicy: 'Fail',
    },
  ],
}

/** Writes the first review that was recorded since the last call and is wanted. */
async function keep(file: string, wanted: (request: Recorded['request']) => boolean): Promise<void> {
  const found = await until(() => recorded.find(({ review }) => wanted(review.request)), {
    what: `the review ${file}`,
    timeoutMs: 30_000,
  })
  recorded.length = 0
  writeFileSync(join(folder, `${file}.review`), found.text)
  console.log(`${file}.review: ${found.text.length} bytes`)
}

const isPod =
  (operation: string, owner: string) =>
  ({ operation: its, resource, object, name }: Recorded['request']): boolean =>
    its === operation &&
    resource.resource === 'pods' &&
    (object?.metadata.name ?? object?.metadata.generateName ?? name ?? '').startsWith(owner)
const isTenant =
  (operation: string, subResource?: string) =>
  (request: Recorded['request']): boolean =>
    request.resource.resource === 'tenants' &&
    request.operation === operation &&
    (request.subResource || undefined) === subResource

await using controlPlane = await startControlPlane()
const cluster = openCluster(controlPlane)
await cluster.apply([
  tenantCrd,
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { 'kes-injector.io/inject': 'enabled' } },
  },
])
await until(() => cluster.kubectl(['get', 'serviceaccount', 'default', '-n', namespace]).catch(() => undefined), {
  what: 'the ServiceAccount',
  timeoutMs: 30_000,
})
await cluster.apply([configuration])
// The API server learns of a configuration some time after it has stored it.
await until(
  async () => {
    await cluster.create([nginx(namespace, `probe-${Math.random().toString(36).slice(2)}`)])
    return recorded.length > 0 || undefined
  },
  { what: 'the first review', timeoutMs: 30_000, everyMs: 200 },
)
recorded.length = 0

await cluster.apply([statefulSet(namespace)])
await keep('pod-of-statefulset', isPod('CREATE', 'minio-'))
await cluster.apply([deployment(namespace)])
await keep('pod-of-deployment', isPod('CREATE', 'store-'))
await cluster.create([nginx(namespace, 'web')], '--dry-run=server')
await keep('pod-of-another-program', isPod('CREATE', 'web'))
await cluster.kubectl(['delete', 'pod', 'minio-0', '-n', namespace, '--wait=false'])
await keep('pod-deleted', isPod('DELETE', 'minio-0'))
await cluster.kubectl(['delete', 'statefulset,deployment', '--all', '-n', namespace])
await cluster.apply([tenant(namespace, {})])
await keep('tenant-created', isTenant('CREATE'))
await cluster.apply([tenant(namespace, { env: [{ name: 'MINIO_REGION', value: 'eu-central-1' }] })])
await keep('tenant-updated', isTenant('UPDATE'))
await cluster.apply([
  tenant(namespace, {
    env: tenantEnv,
    externalClientCertSecrets: [{ name: 'kes-client', type: 'cert-manager.io/v1' }],
  }),
])
await keep('tenant-connected', isTenant('UPDATE'))
await cluster.apply([tenant(namespace, { env: [{ name: 'MINIO_REGION', value: 'eu-central-1' }] })])
await keep('tenant-reapplied', isTenant('UPDATE'))
const status = JSON.stringify({ status: { currentState: 'Initialized', revision: 0 } })
await cluster.kubectl([
  'patch',
  'tenant',
  'store',
  '-n',
  namespace,
  '--subresource=status',
  '--type=merge',
  '-p',
  status,
])
await keep('tenant-status', isTenant('UPDATE', 'status'))
await cluster.kubectl(['delete', 'tenant', 'store', '-n', namespace, '--wait=false'])
await keep('tenant-deleted', isTenant('DELETE'))
cluster.client.close()
recorder.close()
recorder.closeAllConnections()
