import { expect, it } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { optIn } from '../fixtures/clusterAccess.ts'
import { admissionDurations, countOf, quantile, since } from './histogram.ts'
import { minioPod } from './objects.ts'
import { useApiServer } from './server.ts'
import { startCreations } from './steadyCreations.ts'

const cluster = useApiServer()

const perSecond = 50
const spanMs = 5_000
const webhook = 'minio-pods.kes-injector.io'
// Generous, and the best of some rounds: other programs share the machine and can only add. docs/explanation/performance.md says what
// was measured.
const [bound, mostRounds] = [{ p99Seconds: 0.25 }, 8]

it('at fifty creations a second the API server itself waits shortly for the webhook, and never in vain', async () => {
  await using namespace = await cluster.makeNamespace({ labels: optIn })
  await cluster.create([minioPod(namespace.name, 'first')])
  const p99s: number[] = []
  while (p99s.length < mostRounds && !p99s.some((each) => each <= bound.p99Seconds)) {
    const before = await admissionDurations(cluster, webhook)
    const stream = startCreations(cluster.tier.kubeconfig, namespace.name, perSecond)
    await delay(spanMs)
    const creations = await stream.end()
    const durations = since(before, await admissionDurations(cluster, webhook))
    const [p50, p99] = [quantile(durations, 0.5), quantile(durations, 0.99)]
    p99s.push(p99)
    const buckets = [...durations].map(([edge, count]) => `≤ ${edge} s: ${count}`).join(', ')
    console.log(
      `${creations.length} creations in ${spanMs / 1000} s, by the API server's histogram p50 ${(p50 * 1000).toFixed(1)} ms, ` +
        `p99 ${(p99 * 1000).toFixed(1)} ms (${buckets})`,
    )
    expect(creations.filter(({ isConnected }) => !isConnected)).toEqual([])
    expect(creations.length).toBeGreaterThan((perSecond * spanMs) / 1000 / 2)
    expect(countOf(durations)).toBeGreaterThanOrEqual(creations.length)
  }
  expect(Math.min(...p99s)).toBeLessThanOrEqual(bound.p99Seconds)
})
