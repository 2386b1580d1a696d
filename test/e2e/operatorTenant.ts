import { randomBytes } from 'node:crypto'
import { namespaces, pods, statefulSets } from '../../src/kube/resources.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { startOperatorStandIn, type OperatorStandIn } from '../rig/operator/standIn.ts'
import { tenants, type StandInTenant } from '../rig/operator/tenant.ts'
import { until } from '../rig/waiting.ts'
import { untilRolledOut, type E2eCluster } from './cluster.ts'

const root = { user: 'root-user', password: randomBytes(12).toString('hex') }

/** A Tenant that a stand-in for the operator runs, in a namespace that was applied together with it. */
export interface RunningTenant extends AsyncDisposable {
  readonly namespace: string
  readonly operator: OperatorStandIn
  readonly stored: () => Promise<StandInTenant>
  /** A shell line in the sidecar of the first pod; `it` is the MinIO beside it. */
  readonly mc: (script: string) => Promise<string>
  readonly put: (object: string, text: string) => Promise<unknown>
  readonly get: (object: string) => Promise<string>
}

export interface TenantWish {
  readonly annotations?: Readonly<Record<string, string>>
  /** False: the namespace has no label, so nothing is connected. */
  readonly optedIn?: boolean
  readonly servers?: number
  readonly spec?: object
  /** Other objects of the same apply. */
  readonly besides?: (namespace: string) => readonly object[]
  /** More lines of the configuration Secret, which beats everything else. */
  readonly configuration?: string
  /** The key that objects are written with. */
  readonly keyName?: string
}

const volumeClaimTemplate = { spec: { resources: { requests: { storage: '1Gi' } } } }
const credentials = `export MINIO_ROOT_USER="${root.user}"\nexport MINIO_ROOT_PASSWORD="${root.password}"\nNOT_EXPORTED=x\n`

/** One `kubectl apply` of a namespace, the root credentials and a Tenant; answers when MinIO serves. */
export async function startTenant(cluster: E2eCluster, wish: TenantWish = {}): Promise<RunningTenant> {
  const { client, kubectl, tier } = cluster
  const namespace = `test-${randomBytes(4).toString('hex')}`
  const {
    annotations = {},
    optedIn = true,
    servers = 1,
    spec = {},
    besides = () => [],
    configuration = '',
    keyName = `${namespace}_minio`,
  } = wish
  const operator = startOperatorStandIn({ client, namespace, images: { sidecar: tier.mcImage } })
  const mc = (script: string): Promise<string> =>
    kubectl(['exec', '-n', namespace, 'store-pool-0-0', '-c', 'sidecar', '--', 'sh', '-ec', `${host}\n${script}`], {
      timeoutMs: 60_000,
    })
  const host = `export MC_HOST_it=http://${root.user}:${root.password}@127.0.0.1:9000`
  const remove = async (): Promise<void> => {
    await operator.stop()
    await client.delete(tenants, { namespace, name: 'store' })
    await client.delete(namespaces, { name: namespace })
  }
  try {
    await cluster.apply([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: optedIn ? optIn : {}, annotations } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace, name: 'store-configuration' },
        stringData: { 'config.env': `${credentials}${configuration}` },
      },
      ...besides(namespace),
      {
        apiVersion: 'minio.min.io/v2',
        kind: 'Tenant',
        metadata: { name: 'store', namespace },
        spec: {
          image: tier.minioImage,
          requestAutoCert: false,
          configuration: { name: 'store-configuration' },
          pools: [{ name: 'pool-0', servers, volumesPerServer: 1, volumeClaimTemplate }],
          ...spec,
        },
      },
    ])
    const made = () => client.get(statefulSets, { namespace, name: 'store-pool-0' })
    await until(made, { what: 'the stand-in to make the StatefulSet', timeoutMs: 60_000 })
    await untilRolledOut(cluster, namespace, 'statefulset/store-pool-0')
    const serves = () =>
      mc('mc ls it').then(
        () => true,
        () => undefined,
      )
    await until(serves, { what: 'MinIO to serve', timeoutMs: 120_000, everyMs: 500 })
    await mc('mc mb -q --ignore-existing it/bucket')
  } catch (cause) {
    const said = await kubectl(['get', 'pods,events', '-n', namespace, '-o', 'wide']).catch(String)
    const logs = await kubectl(['logs', '-n', namespace, 'store-pool-0-0', '-c', 'minio', '--tail=20']).catch(String)
    await remove()
    throw new Error(`the Tenant did not come up: ${operator.lastProblem() ?? ''}\n${said}\n${logs}`, { cause })
  }
  return {
    namespace,
    operator,
    stored: async () => {
      const tenant = await client.get(tenants, { namespace, name: 'store' })
      if (!tenant) throw new Error('the Tenant is gone')
      return tenant
    },
    mc,
    put: (object, text) => mc(`echo '${text}' | mc pipe -q --enc-kms it/bucket/=${keyName} it/bucket/${object}`),
    get: async (object) => (await mc(`mc cat it/bucket/${object}`)).trim(),
    [Symbol.asyncDispose]: remove,
  }
}

/** Which pods run, and how often each container of them was started again: equal answers mean that nothing was restarted. */
export async function runningPods({ client }: E2eCluster, namespace: string): Promise<readonly string[]> {
  const { items } = await client.list(pods, { namespace })
  return items
    .map(({ metadata, status }) => {
      const restarts = (status?.containerStatuses ?? []).map((each) => `${each.name}:${each.restartCount}`)
      return `${metadata.name} ${metadata.uid} ${restarts.sort().join(' ')}`
    })
    .sort()
}
