import { describe, expect, it } from 'vitest'
import { answerOf, startStateServer } from '../../../src/agent/stateServer.ts'

describe('what the agent says of itself', () => {
  it('is fine while it looks, and not when it has stopped to', () => {
    const startedAt = 1_000
    expect(answerOf({ lookedAt: undefined, told: undefined }, startedAt, startedAt + 59_000).status).toBe(200)
    expect(answerOf({ lookedAt: undefined, told: undefined }, startedAt, startedAt + 61_000).status).toBe(503)
    expect(answerOf({ lookedAt: 100_000, told: 'abc' }, startedAt, 150_000)).toMatchObject({
      status: 200,
      body: { told: 'abc' },
    })
    expect(answerOf({ lookedAt: 100_000, told: 'abc' }, startedAt, 170_000).status).toBe(503)
  })

  it('is served at /healthz and nowhere else', async () => {
    const server = await startStateServer(() => ({ lookedAt: Date.now(), told: 'abc' }), 0, '127.0.0.1')
    try {
      const healthy = await fetch(`http://127.0.0.1:${server.port}/healthz`)
      expect([healthy.status, await healthy.json()]).toMatchObject([200, { status: 'ok', told: 'abc' }])
      expect((await fetch(`http://127.0.0.1:${server.port}/metrics`)).status).toBe(404)
    } finally {
      await server.close()
    }
  })
})
