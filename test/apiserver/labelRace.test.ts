import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { isApiError } from '../../src/kube/apiError.ts'
import { namespaces, pods } from '../../src/kube/resources.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { minioPod } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()
const times = 25

type Outcome = 'connected' | 'refused' | 'bare'

async function labelAndCreate(afterMs: number): Promise<Outcome> {
  await using namespace = await cluster.makeNamespace()
  const { name } = namespace
  await cluster.client.mergePatch(namespaces, { name }, { metadata: { labels: optIn } })
  if (afterMs > 0) await delay(afterMs)
  try {
    const pod = await cluster.client.create(pods, minioPod(name, 'minio') as never)
    return pod.spec?.containers[0]?.env?.length === 5 ? 'connected' : 'bare'
  } catch (error) {
    if (isApiError(error)) return 'refused'
    throw error
  }
}

async function tally(afterMs: number): Promise<Readonly<Record<Outcome, number>>> {
  const counts = { connected: 0, refused: 0, bare: 0 }
  for (let time = 0; time < times; time += 5) {
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => labelAndCreate(afterMs)))
    for (const outcome of outcomes) counts[outcome]++
  }
  console.log(
    `${afterMs} ms after the label: ${counts.connected} connected, ${counts.refused} refused, ${counts.bare} bare`,
  )
  expect(counts.connected + counts.refused + counts.bare).toBe(times)
  return counts
}

describe('a MinIO pod that is created', () => {
  // Webhook selectors and policies both read labels from what the API server remembers, which is some milliseconds old. Within those
  // nothing of ours is asked; how many that are is printed and not judged.
  it.each([0, 10])('%d ms after its namespace was labelled is mostly connected', async (afterMs) => {
    expect((await tally(afterMs)).connected).toBeGreaterThan(times / 2)
  })

  it.each([100, 1_000])(
    '%d ms after its namespace was labelled is connected or refused, and never stored without its settings',
    async (afterMs) => {
      expect((await tally(afterMs)).bare).toBe(0)
    },
  )
})
