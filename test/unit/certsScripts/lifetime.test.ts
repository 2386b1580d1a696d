import { describe, expect, it } from 'vitest'
import { lifetimeMs } from '../../../certs-scripts/commandLine/lifetime.ts'

const hourMs = 3_600_000

describe('a lifetime on the command line', () => {
  it.each([
    ['90d', 90 * 24 * hourMs],
    ['2160h', 2160 * hourMs],
    ['1h30m', 1.5 * hourMs],
    ['1d1h1m1s', 25 * hourMs + 61_000],
    ['3600s', hourMs],
  ])('%s is taken', (text, ms) => {
    expect(lifetimeMs(text, 'lifetime')).toBe(ms)
  })

  it.each(['', '90', 'd', '-1h', '1.5h', '1h 30m', '30m1h', '9999999d', '1y'])(
    '%j is refused with an example',
    (text) => {
      expect(() => lifetimeMs(text, 'lifetime')).toThrow(/--lifetime .*(90d, 2160h|an hour at least)/)
    },
  )

  it('is an hour at least, since KES and MinIO look for new files every 15 minutes', () => {
    expect(() => lifetimeMs('59m59s', 'lifetime')).toThrow('an hour at least')
  })
})
