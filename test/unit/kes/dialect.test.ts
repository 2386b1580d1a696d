import { describe, expect, it } from 'vitest'
import { dialectIn } from '../../../src/kes/dialect.ts'

const routes = (...paths: readonly string[]) =>
  Buffer.from(JSON.stringify(paths.map((path) => ({ method: 'GET', path }))))

describe('the dialect of a KES', () => {
  it('is told by the route that assigns policies', () => {
    expect(dialectIn(routes('/v1/status', '/v1/policy/assign/'))).toBe('stateful')
    expect(dialectIn(routes('/v1/status', '/v1/policy/read/'))).toBe('current')
  })

  it.each(['', '[]', '{}', '{"path":"/v1/policy/assign/"}', '[1,null,{"path":2}]', '<html>'])(
    'is not guessed from %j',
    (body) => {
      expect(() => dialectIn(Buffer.from(body))).toThrow('did not answer with a list of its routes')
    },
  )
})
