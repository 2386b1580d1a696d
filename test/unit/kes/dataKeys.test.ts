import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isPredictable } from '../../../src/kes/dataKeys.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')

describe('a predictable data key', () => {
  // Printed by Go 1.26: rand.New(rand.NewSource(1)), 32 bytes at a time.
  it.each([
    ['first', '52fdfc072182654f163f5f0f9a621d729566c74d10037c4d7bbb0407d1e2c649'],
    ['8th', 'ff094279db1944ebd7a19d0f7bbacbe0255aa5b7d44bec40f84c892b9bffd436'],
    ['65,536th', '4f7cd8d98242486a9632ef84c9804cd33295bc44796b317bcddc428907d4fabd'],
  ])('is the %s that an unseeded generator answers', (_which, hex) => {
    expect(isPredictable(bytes(hex))).toBe(true)
  })

  it('is not a random one, nor a part of the constant, nor one too far away to be looked for', () => {
    expect(isPredictable(randomBytes(32))).toBe(false)
    expect(isPredictable(bytes('52fdfc072182654f'))).toBe(false)
    expect(isPredictable(Buffer.alloc(0))).toBe(false)
    expect(isPredictable(bytes('17b41b5c6e1f4e7f7fc17b34f3807bd20474df1a524ff4f6fa0e56405438433e'))).toBe(false)
  })
})
