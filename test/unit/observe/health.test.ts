import { describe, expect, it } from 'vitest'
import { health } from '../../../src/observe/health.ts'

describe('health', () => {
  it('is fine when each check is, and with no checks at all', () => {
    expect(health({ watch: () => undefined })).toEqual({ status: 200, body: { status: 'ok', checks: { watch: 'ok' } } })
    expect(health({}).status).toBe(200)
  })

  it('fails with one check, and says which and why', () => {
    const checks = { watch: () => undefined, certificate: () => 'expires in an hour' }
    expect(health(checks)).toEqual({
      status: 503,
      body: { status: 'failing', checks: { watch: 'ok', certificate: 'expires in an hour' } },
    })
  })

  it('takes a check that throws for one that fails, without repeating what it threw', () => {
    const answer = health({
      broken: () => {
        throw new TypeError('hunter2')
      },
    })
    expect(answer.status).toBe(503)
    expect(answer.body.checks['broken']).toBe('the check itself failed: TypeError')
  })
})
