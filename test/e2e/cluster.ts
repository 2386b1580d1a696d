import { afterAll, describe, inject, it } from 'vitest'
import type { Condition } from '../../src/api/conditions.ts'
import type { KubeObject, Ref, Resource } from '../../src/kube/object.ts'
import { openCluster, releaseNamespace, type ClusterAccess, type ClusterAddress } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'

/** What `globalSetup.ts` started, or in one line why it could not. */
export interface E2eTier extends ClusterAddress {
  readonly logFolder: string
  /** For processes that run in the node's network: `inNetwork` is the beginning of their command line. */
  readonly nodeKubeconfig: string
  readonly inNetwork: readonly string[]
  readonly statefulImage: string
  /** Current KES, as the MinIO operator runs it. */
  readonly kesServerImage: string
  readonly minioImage: string
  readonly mcImage: string
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly e2e: E2eTier | { readonly skipped: string }
  }
}

/** The tier's cluster: kes-injector is installed and Ready. */
export interface E2eCluster extends ClusterAccess {
  readonly tier: E2eTier
}

/** `describe`, with the tier's cluster; skipped on machines that cannot run one. */
export function describeInCluster(name: string, tests: (cluster: E2eCluster) => void): void {
  const tier = inject('e2e')
  if ('skipped' in tier) {
    describe.skip(name, () => it(tier.skipped, () => undefined))
    return
  }
  describe(name, () => {
    const access = openCluster(tier)
    afterAll(() => access.client.close())
    tests({ ...access, tier })
  })
}

interface Conditioned extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined }
}

/** Waits until an object says a condition with this status (and reason). Answers the condition. */
export async function untilCondition<T extends Conditioned>(
  { client }: ClusterAccess,
  resource: Resource<T>,
  ref: Ref,
  wanted: Pick<Condition, 'type' | 'status'> & { readonly reason?: string },
  timeoutMs = 120_000,
): Promise<Condition> {
  let last: readonly Condition[] = []
  const look = async () => {
    last = (await client.get(resource, ref))?.status?.conditions ?? []
    return last.find(
      ({ type, status, reason }) =>
        type === wanted.type && status === wanted.status && (wanted.reason ?? reason) === reason,
    )
  }
  try {
    return await until(look, { what: `${ref.name}: ${JSON.stringify(wanted)}`, timeoutMs, everyMs: 200 })
  } catch (cause) {
    throw new Error(`it said last: ${JSON.stringify(last)}`, { cause })
  }
}

/** Waits until all of a Deployment's or StatefulSet's replicas are Ready. */
export async function untilRolledOut(cluster: ClusterAccess, namespace: string, workload: string): Promise<void> {
  await cluster.kubectl(['rollout', 'status', workload, '-n', namespace, '--timeout=180s'])
}

const deployments = ['kes-injector-webhook', 'kes-injector-controller'] as const

/** Waits until the product itself is whole. */
export async function untilProductReady(cluster: ClusterAccess): Promise<void> {
  for (const name of deployments) await untilRolledOut(cluster, releaseNamespace, `deployment/${name}`)
}

/** Sets how many controllers run, and waits until it is so. */
export async function scaleController(cluster: ClusterAccess, replicas: number): Promise<void> {
  const name = 'deployment/kes-injector-controller'
  await cluster.kubectl(['scale', name, '-n', releaseNamespace, `--replicas=${replicas}`])
  await untilRolledOut(cluster, releaseNamespace, name)
  const selector = 'app.kubernetes.io/name=kes-injector,app.kubernetes.io/component=controller'
  if (replicas === 0)
    await cluster.kubectl(['wait', 'pod', '-n', releaseNamespace, '-l', selector, '--for=delete', '--timeout=60s'])
}
