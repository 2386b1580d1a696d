import { describe, expect, it } from 'vitest'
import { answerFailed, callFailed, isApiError, readStatus } from '../../../src/kube/apiError.ts'
import { kesIdentities, pods, secrets } from '../../../src/kube/resources.ts'

const ref = { namespace: 'tenant', name: 'kes-client' }
const status = (message: string) =>
  readStatus({ kind: 'Status', reason: 'BadRequest', message, details: { name: 'x' } })

describe('an error of the API', () => {
  it('says what was tried on which object, and what the server said', () => {
    const error = answerFailed({ verb: 'update', resource: kesIdentities, ref }, 422, status('spec.keyName: wrong'))
    expect(error.message).toBe(
      'update kesidentities.kes-injector.io tenant/kes-client: 422 BadRequest spec.keyName: wrong',
    )
    expect(error).toMatchObject({ code: 'Invalid', status: 422, reason: 'BadRequest', subject: 'x' })
  })

  it('never repeats what a server says about a Secret', () => {
    const error = answerFailed(
      { verb: 'update', resource: secrets, ref },
      400,
      status('bigger context: "tls.key":"S0VZ"'),
    )
    expect(error.message).toBe('update secrets tenant/kes-client: 400 BadRequest')
  })

  it('is one printable line of bounded length whatever the server sends', () => {
    const error = answerFailed({ verb: 'get', resource: pods, ref }, 500, status(`a\n\u001b[31m${'b'.repeat(100_000)}`))
    expect(error.message).toMatch(/^\P{Cc}+$/u)
    expect(error.message.length).toBeLessThan(700)
  })

  it('takes the waiting time from the header, else from the status', () => {
    const body = readStatus({ kind: 'Status', details: { retryAfterSeconds: 5 } })
    expect(answerFailed({ verb: 'get', resource: pods }, 429, body, 1_000).retryAfterMs).toBe(1_000)
    expect(answerFailed({ verb: 'get', resource: pods }, 429, body).retryAfterMs).toBe(5_000)
  })

  it('can be asked for its code', () => {
    const error: unknown = callFailed({ verb: 'list', resource: pods }, 'Timeout', 'late')
    expect(isApiError(error)).toBe(true)
    expect(isApiError(error, 'Conflict', 'Timeout')).toBe(true)
    expect(isApiError(error, 'Conflict')).toBe(false)
    expect(isApiError(new Error('Timeout'), 'Timeout')).toBe(false)
  })
})

describe('reading a Status', () => {
  it.each([undefined, null, 'Status', [], {}, { kind: 'Pod' }])('finds none in %j', (body) => {
    expect(readStatus(body)).toBeUndefined()
  })

  it('leaves out what has the wrong type', () => {
    const lying = { kind: 'Status', reason: 404, message: {}, code: '404', details: { name: 1, retryAfterSeconds: -1 } }
    expect(readStatus(lying)).toEqual({})
    expect(readStatus({ kind: 'Status', details: null })).toEqual({})
  })
})
