import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTimestamp } from '../../../src/observe/timestamp.ts'

describe('a timestamp', () => {
  it('is what Date says, whether the clock goes on, stands or is set back', () => {
    const year = 365 * 24 * 3600 * 1000
    const nearby = fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 1, maxLength: 10 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 * year }), nearby, (start, steps) => {
        let now = start + 20_000
        const timestamp = createTimestamp(() => now)
        for (const step of steps) {
          now += step
          expect(timestamp()).toBe(new Date(now).toISOString())
        }
      }),
    )
  })
})
