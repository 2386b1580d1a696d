import { pods } from '../../src/kube/resources.ts'
import { releaseNamespace, type ClusterAccess } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'

const selector = 'app.kubernetes.io/name=kes-injector,app.kubernetes.io/component=controller'
const metric = 'kes_injector_reconcile_total'

/** How many reconciliations of one kind all running controllers have finished, by their own metrics. */
export async function finished({ client, kubectl }: ClusterAccess, controller: string): Promise<number> {
  const { items } = await client.list(pods, { namespace: releaseNamespace, labelSelector: selector })
  const running = items.filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running')
  const texts = await Promise.all(
    running.map(({ metadata: { name } }) =>
      kubectl(['get', '--raw', `/api/v1/namespaces/${releaseNamespace}/pods/${name}:8081/proxy/metrics`]),
    ),
  )
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith(`${metric}{`) && line.includes(`controller="${controller}"`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/**
 * Has the controller look at an object again, and answers when it has. Whatever it would do about what it sees is done then.
 *
 * `poke` changes the object in a way that means nothing. Twice: a look that had begun before the first is not the one that counts.
 */
export async function lookedAgain(
  cluster: ClusterAccess,
  controller: string,
  poke: (time: number) => Promise<unknown>,
) {
  for (const time of [1, 2]) {
    const before = await finished(cluster, controller)
    await poke(time)
    const more = async () => (await finished(cluster, controller)) > before || undefined
    await until(more, { what: `${controller} to be reconciled`, timeoutMs: 60_000, everyMs: 200 })
  }
}
