import { describe, expect, it } from 'vitest'
import { failureOf } from '../../../src/kes/failure.ts'

describe('an answer other than 200', () => {
  it.each([
    ['KES v0.22.3', '{"message":"key does not exist"}'],
    // As measured: it breaks the line before the brace.
    ['KES v0.24.0', '{"message":"key does not exist"\n}\n'],
  ])('means in the words of %s that the key does not exist', (_which, body) => {
    expect(failureOf(404, Buffer.from(body))).toMatchObject({
      code: 'KeyNotFound',
      message: 'KES answered 404: key does not exist',
    })
  })

  it.each(['', 'key does not exist', '{"error":"key does not exist"}', '{"message":"no such page"}'])(
    "never means it where %j came: a proxy's 404 must not make anybody create a key",
    (body) => {
      expect(failureOf(404, Buffer.from(body)).code).toBe('BadResponse')
    },
  )
})
