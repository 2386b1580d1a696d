import type { Clock } from '../../../src/kube/clock.ts'

export interface FakeClock extends Clock {
  /** Lets time pass on both clocks; whatever is due runs in order, with everything that it sets off at once. */
  advance(ms: number): Promise<void>
  /** The wall clock is set; nothing else happens. */
  jump(ms: number): void
  /** A suspended machine: wall time passes, the monotonic clock and all timers stand still. */
  suspend(ms: number): void
  /** Timers that are set now. */
  timers(): number
}

/** Lets all promises settle that need nothing from outside. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

export function createFakeClock(start = new Date('2026-01-01T00:00:00Z')): FakeClock {
  let wallMs = start.getTime()
  let monotonicMs = 1_000
  const timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()
  const pass = (ms: number) => {
    wallMs += ms
    monotonicMs += ms
  }
  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonicMs,
    after: (delayMs, callback) => {
      const timer = { atMs: monotonicMs + Math.max(0, delayMs), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: async (ms) => {
      const endMs = monotonicMs + ms
      await settle()
      for (;;) {
        const [next] = [...timers].filter(({ atMs }) => atMs <= endMs).sort((one, other) => one.atMs - other.atMs)
        if (next === undefined) break
        timers.delete(next)
        pass(Math.max(0, next.atMs - monotonicMs))
        next.callback()
        await settle()
      }
      pass(endMs - monotonicMs)
    },
    jump: (ms) => {
      wallMs += ms
    },
    suspend: (ms) => {
      wallMs += ms
    },
    timers: () => timers.size,
  }
}
