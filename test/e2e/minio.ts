import { randomBytes } from 'node:crypto'
import { kesIdentities, pods, secrets } from '../../src/kube/resources.ts'
import { clientSecretName } from '../../src/api/names.ts'
import type { PairPem } from '../../src/pki/pair.ts'
import { untilCondition, untilRolledOut, type E2eCluster, type E2eTier } from './cluster.ts'

export const root = { user: 'root-user', password: randomBytes(12).toString('hex') }

const security = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

/** A plain MinIO as a chart's Deployment makes it, with `mc` beside it. Nothing in it knows of KES. */
export function minioDeployment(tier: E2eTier, namespace: string, podSpec: object = {}, minio: object = {}): object {
  const labels = { app: 'minio' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'minio', namespace },
    spec: {
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          securityContext: {
            runAsUser: 1000,
            runAsGroup: 1000,
            fsGroup: 1000,
            runAsNonRoot: true,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          ...podSpec,
          containers: [
            {
              name: 'minio',
              image: tier.minioImage,
              command: ['/usr/bin/minio'],
              args: ['server', '/export', '--address', ':9000'],
              readinessProbe: { httpGet: { path: '/minio/health/ready', port: 9000 }, periodSeconds: 1 },
              securityContext: security,
              ...minio,
              env: [
                { name: 'MINIO_ROOT_USER', value: root.user },
                { name: 'MINIO_ROOT_PASSWORD', value: root.password },
                ...((minio as { readonly env?: readonly object[] }).env ?? []),
              ],
              volumeMounts: [
                { name: 'export', mountPath: '/export' },
                ...((minio as { readonly volumeMounts?: readonly object[] }).volumeMounts ?? []),
              ],
            },
            {
              name: 'mc',
              image: tier.mcImage,
              command: ['sleep', '1000000'],
              env: [{ name: 'MC_HOST_it', value: `http://${root.user}:${root.password}@127.0.0.1:9000` }],
              securityContext: security,
            },
          ],
          volumes: [
            { name: 'export', emptyDir: {} },
            ...((podSpec as { readonly volumes?: readonly object[] }).volumes ?? []),
          ],
        },
      },
    },
  }
}

/** Runs a shell line in the container that has `mc`; `it` is the MinIO beside it. */
export function mc({ kubectl }: E2eCluster, namespace: string, script: string): Promise<string> {
  return kubectl(['exec', '-n', namespace, 'deploy/minio', '-c', 'mc', '--', 'sh', '-ec', script], {
    timeoutMs: 60_000,
  })
}

/** Writes an object with SSE-KMS. */
export const put = (cluster: E2eCluster, namespace: string, object: string, text: string): Promise<string> =>
  mc(
    cluster,
    namespace,
    `mc mb -q --ignore-existing it/bucket && echo '${text}' | mc pipe -q --enc-kms it/bucket/=${namespace}_minio it/bucket/${object}`,
  )

/** What an object holds. */
export const get = async (cluster: E2eCluster, namespace: string, object: string): Promise<string> =>
  (await mc(cluster, namespace, `mc cat it/bucket/${object}`)).trim()

/** What MinIO says of an object's encryption: the algorithm and the key. */
export async function encryptionOf(cluster: E2eCluster, namespace: string, object: string): Promise<string> {
  return mc(cluster, namespace, `mc stat --json it/bucket/${object}`)
}

/** Starts a MinIO in a namespace that opted in, and waits until it is Ready and its identity was handed out. */
export async function startMinio(cluster: E2eCluster, namespace: string): Promise<void> {
  await cluster.apply([minioDeployment(cluster.tier, namespace)])
  await untilCondition(cluster, kesIdentities, identityRef(namespace), { type: 'Ready', status: 'True' })
  await untilRolledOut(cluster, namespace, 'deployment/minio')
}

export const identityRef = (namespace: string) => ({ namespace, name: clientSecretName })

/** The one MinIO pod of a namespace. */
export async function minioPodOf({ client }: E2eCluster, namespace: string) {
  const { items } = await client.list(pods, { namespace, labelSelector: 'app=minio' })
  return items[0]
}

/** The pair that a namespace was given, with the authority it shall trust. */
export async function handedOut(
  { client }: E2eCluster,
  namespace: string,
): Promise<PairPem & { readonly authorityPem: string }> {
  const data = (await client.get(secrets, { namespace, name: clientSecretName }))?.data ?? {}
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString()
  return { certificatePem: text('tls.crt'), keyPem: text('tls.key'), authorityPem: text('ca.crt') }
}
