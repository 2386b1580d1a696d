import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isPredictable } from '../../../src/kes/dataKeys.ts'

describe('a predictable data key', () => {
  it('is the first that an unseeded generator answers', () => {
    const first = Buffer.from('52fdfc072182654f163f5f0f9a621d729566c74d10037c4d7bbb0407d1e2c649', 'hex')
    expect(isPredictable(first)).toBe(true)
  })

  it('is not a random one, nor a part of the constant', () => {
    expect(isPredictable(randomBytes(32))).toBe(false)
    expect(isPredictable(Buffer.from('52fdfc072182654f', 'hex'))).toBe(false)
    expect(isPredictable(Buffer.alloc(0))).toBe(false)
  })
})
