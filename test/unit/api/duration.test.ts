import { describe, expect, it } from 'vitest'
import { Duration, durationMs } from '../../../src/api/duration.ts'

describe('a duration', () => {
  it.each([
    ['2160h', 2160 * 3_600_000],
    ['1h30m', 5_400_000],
    ['1h0m1s', 3_601_000],
    ['90m', 5_400_000],
    ['3600s', 3_600_000],
    ['0h', 0],
  ])('%s', (text, ms) => {
    expect(durationMs(text)).toBe(ms)
    expect(Duration.safeParse(text).success).toBe(true)
  })

  it.each(['', '1d', '1.5h', '-1h', '+1h', '1h 30m', ' 1h', '1h\n', '30m1h', '1H', 'h', '5', '1ms', '١h'])(
    '%j is none',
    (text) => {
      expect(() => durationMs(text)).toThrow(RangeError)
      expect(Duration.safeParse(text).success).toBe(false)
    },
  )

  it('has an end', () => {
    expect(Duration.safeParse(`${'9'.repeat(20)}h`).success).toBe(false)
  })
})
