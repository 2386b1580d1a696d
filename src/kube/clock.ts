/**
 * Time as this room needs it. Two clocks, because each lies in its own way: the wall clock jumps, and the monotonic one
 * stands still while a virtual machine is suspended.
 */
export interface Clock {
  now(): Date
  /** Never goes back; its zero means nothing. */
  monotonicMs(): number
  /** Calls back once, after `delayMs` at the earliest; the answer cancels it. */
  after(delayMs: number, callback: () => void): () => void
}

/** `setTimeout` fires at once beyond this (24.8 days). */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), longestTimerMs))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `delayMs`, or at once when the signal is aborted: look at the signal afterwards. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve()
      return
    }
    const wake = () => {
      cancel()
      signal.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = clock.after(delayMs, wake)
    signal.addEventListener('abort', wake, { once: true })
  })
}
