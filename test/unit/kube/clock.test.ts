import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/kube/clock.ts'

const dayMs = 86_400_000

describe('a timer of the system clock', () => {
  it.each([25, 60, 4_000])('does not fire at once for being set to %d days, as one of Node does', async (days) => {
    let hasFired = false
    const cancel = systemClock.after(days * dayMs, () => (hasFired = true))
    // Timers fire in their order: whatever was due at once has fired before this one.
    await new Promise<void>((resolve) => systemClock.after(20, resolve))
    expect(hasFired).toBe(false)
    cancel()
  })
})
