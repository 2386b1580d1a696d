import { describe, expect, it } from 'vitest'
import { startedAt } from '../../../../src/controller/stateful/process.ts'
import { after, now } from '../pairs.ts'

const seen = (askedMs: number, tookMs: number, upMs: number) => ({
  askedAt: after(askedMs, now),
  answeredAt: after(askedMs + tookMs, now),
  upMs,
})
const at = (ms: number): string => after(ms, now).toISOString()
const hourMs = 3_600_000

describe('when KES started', () => {
  it('is told by its age, to the middle of the answer', () => {
    expect(startedAt(undefined, seen(10_000, 40, 4_000))).toBe(at(6_020))
  })

  it.each([
    ['a moment later', seen(60_000, 10, 60_000)],
    ['when KES has rounded its age up', seen(60_000, 10, 61_000)],
    ['by a slow answer', seen(60_000, 3_000, 62_500)],
    ['after a day in which the clocks drifted by ten seconds', seen(24 * hourMs, 10, 24 * hourMs - 10_000)],
  ])('stays the very same text where it is the same process, asked %s', (_how, later) => {
    expect(startedAt(at(0), later)).toBe(at(0))
  })

  it.each([
    ['a restart in place, two seconds after the start', seen(2_100, 10, 0)],
    ['a restart after a day', seen(24 * hourMs, 10, 1_000)],
    ['a clock that jumped back by an hour', seen(-hourMs, 10, 60_000)],
  ])('is another after %s', (_how, later) => {
    expect(startedAt(at(0), later)).not.toBe(at(0))
  })

  it('is new where what is recorded is no time', () => {
    expect(startedAt('yesterday', seen(0, 0, 0))).toBe(at(0))
  })
})
