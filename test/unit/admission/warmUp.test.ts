import { describe, expect, it } from 'vitest'
import type { ContextSource } from '../../../src/admission/contextSource.ts'
import { createHandler } from '../../../src/admission/handler.ts'
import { warmUp } from '../../../src/admission/warmUp.ts'
import { context } from '../../fixtures/requests.ts'

const source: ContextSource = {
  namespace: (name) => Promise.resolve({ ...context.namespace, name }),
  keyServer: () => Promise.resolve(context.keyServer === 'unknown' ? undefined : context.keyServer),
  ready: () => true,
}

describe('warming up', () => {
  it('runs through the injection of pods and of Tenants, many times each', async () => {
    const handler = createHandler({ source, releaseNamespace: 'kes-system', sidecarImage: context.sidecarImage })
    const seen = new Map<string, number>()
    await warmUp(async (body) => {
      const answered = await handler(body)
      const what = `${answered.review.request.resource} ${answered.decision.reason}`
      seen.set(what, (seen.get(what) ?? 0) + 1)
      return answered
    })
    expect([...seen.keys()]).toEqual(['pods Injected', 'tenants Injected'])
    expect(Math.min(...seen.values())).toBeGreaterThanOrEqual(100)
  })

  it('needs nothing of the cluster', async () => {
    await expect(warmUp()).resolves.toBeUndefined()
  })
})
