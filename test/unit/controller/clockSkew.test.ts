import { describe, expect, it } from 'vitest'
import { clockProblem, rightTime } from '../../../src/controller/clockSkew.ts'
import { now } from './pairs.ts'

const minuteMs = 60_000

describe("a clock beside the API server's", () => {
  it.each([undefined, 0, 5 * minuteMs, -5 * minuteMs])('is right enough at %d ms', (skewMs) => {
    expect(clockProblem(skewMs)).toBeUndefined()
    expect(
      rightTime(
        () => now,
        () => skewMs,
      )(),
    ).toBe(now)
  })

  it.each([
    [6 * minuteMs, '6 minutes ahead of'],
    [-90 * minuteMs, '90 minutes behind'],
  ])('is wrong at %d ms: it says so, and tells no time', (skewMs, how) => {
    const says = `this machine's clock is ${how} the API server's: nothing is issued until it is right`
    expect(clockProblem(skewMs)).toBe(says)
    expect(
      rightTime(
        () => now,
        () => skewMs,
      ),
    ).toThrow(says)
  })
})
