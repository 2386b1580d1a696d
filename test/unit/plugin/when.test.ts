import { expect, it } from 'vitest'
import { isPast, when } from '../../../src/plugin/when.ts'

const now = new Date('2026-01-01T00:00:00Z')

it.each([
  ['2026-03-03T00:00:00Z', '2026-03-03 (in 61 days)'],
  ['2026-01-02T00:00:00Z', '2026-01-02 (in 1 day)'],
  ['2026-01-01T05:30:00Z', '2026-01-01 (in 5 hours)'],
  ['2025-12-31T23:59:00Z', '2025-12-31 (1 minute ago)'],
  ['2026-01-01T00:00:00Z', '2026-01-01 (in 0 minutes)'],
  ['soon', 'soon'],
  [undefined, '-'],
])('%s is told as %s', (time, told) => expect(when(time, now)).toBe(told))

it('a time is past from its very moment on', () => {
  expect([isPast(now.toISOString(), now), isPast('2026-01-01T00:00:01Z', now), isPast(undefined, now)]).toEqual([
    true,
    false,
    false,
  ])
})
