import { describe, expect, it } from 'vitest'
import { isUnsealKey, newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'

describe('an unseal key', () => {
  it('is 32 random bytes in base64', () => {
    const [one, two] = [newUnsealKey(systemRandom), newUnsealKey(systemRandom)]
    expect(Buffer.from(one, 'base64')).toHaveLength(32)
    expect(one).not.toBe(two)
    expect(isUnsealKey(one)).toBe(true)
    expect(newUnsealKey(() => Buffer.alloc(32, 1))).toBe(Buffer.alloc(32, 1).toString('base64'))
  })

  it('may end in a newline, as a mounted file does', () => {
    expect(isUnsealKey(`${newUnsealKey(systemRandom)}\n`)).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['31 bytes', Buffer.alloc(31).toString('base64')],
    ['33 bytes', Buffer.alloc(33).toString('base64')],
    ['hex', 'a'.repeat(64)],
    ['a space before it', ` ${Buffer.alloc(32).toString('base64')}`],
    ['no padding', Buffer.alloc(32).toString('base64').replace('=', '')],
  ])('is not %s', (_what, text) => {
    expect(isUnsealKey(text)).toBe(false)
  })
})
