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

describe('a MinIO pod that is created', () => {
  it.each([0, 10, 100, 1_000])(
    '%d ms after its namespace was labelled is connected or refused, and never stored without its settings',
    async (afterMs) => {
      const outcomes: Outcome[] = []
      for (let time = 0; time < times; time += 5)
        outcomes.push(...(await Promise.all(Array.from({ length: 5 }, () => labelAndCreate(afterMs)))))
      const count = (wanted: Outcome) => outcomes.filter((each) => each === wanted).length
      console.log(
        `${afterMs} ms after the label: ${count('connected')} connected, ${count('refused')} refused, ${count('bare')} bare`,
      )
      expect(outcomes).toHaveLength(times)
      expect(count('bare')).toBe(0)
    },
  )
})
