import type { Clock } from './clock.ts'
import { createTokenBucket } from './tokenBucket.ts'

/**
 * Keys that wait to be reconciled, with the contract of client-go's queue: a key waits at most once, no two workers have
 * the same key, and a key added while a worker has it is handed out once more afterwards.
 */
export interface WorkQueue {
  add(key: string): void
  /** Adds the key later. Of several the earliest counts. Any span is fine, months too; it may come early, never late. */
  addAfter(key: string, delayMs: number): void
  /** Adds the key after its backoff, which grows each time until `forget`. */
  addRateLimited(key: string): void
  /** The key is well: its backoff starts again from the beginning. */
  forget(key: string): void
  /** The next key, or undefined once the queue is shut down. Whoever gets a key must say `done`. */
  get(): Promise<string | undefined>
  done(key: string): void
  /** Keys that wait for a worker now. */
  depth(): number
  /** How many failures in a row the key's backoff counts. */
  failures(key: string): number
  /** No key is handed out any more; those in work are finished by their workers. Nothing is lost: state is observed again. */
  shutDown(): void
}

export interface QueueEdges {
  readonly clock: Clock
  /** 0 … 1, as `Math.random`. */
  readonly random: () => number
}

export interface QueuePace {
  readonly firstBackoffMs: number
  readonly longestBackoffMs: number
  /** Bound on all rate-limited additions together. */
  readonly perSecond: number
  readonly burst: number
}

/** client-go, DefaultTypedControllerRateLimiter. */
const defaultPace: QueuePace = { firstBackoffMs: 5, longestBackoffMs: 1_000_000, perSecond: 10, burst: 100 }

// Due times are compared once in a while at least: a machine that was suspended missed its timers.
const longestSleepMs = 30_000
const jitter = 0.25

/** When a key is due, on both clocks: whichever says so first is believed, for early does no harm and late may. */
interface Due {
  readonly wallMs: number
  readonly monotonicMs: number
}

export function createWorkQueue({ clock, random }: QueueEdges, pace: Partial<QueuePace> = {}): WorkQueue {
  const { firstBackoffMs, longestBackoffMs, perSecond, burst } = { ...defaultPace, ...pace }
  const bucket = createTokenBucket(clock, perSecond, burst)
  const ready = new Set<string>()
  const working = new Set<string>()
  const dirty = new Set<string>()
  const waiting = new Map<string, Due>()
  const failed = new Map<string, number>()
  const idle: ((key: string | undefined) => void)[] = []
  let isShutDown = false
  let cancelTimer: (() => void) | undefined

  function add(key: string): void {
    if (isShutDown) return
    if (working.has(key)) {
      dirty.add(key)
      return
    }
    const worker = ready.has(key) ? undefined : idle.shift()
    if (worker === undefined) {
      ready.add(key)
    } else {
      working.add(key)
      worker(key)
    }
  }

  function addAfter(key: string, delayMs: number): void {
    if (isShutDown) return
    if (!(delayMs > 0)) {
      add(key)
      return
    }
    const due = { wallMs: clock.now().getTime() + delayMs, monotonicMs: clock.monotonicMs() + delayMs }
    const known = waiting.get(key)
    if (known === undefined || due.monotonicMs < known.monotonicMs) waiting.set(key, due)
    sleep()
  }

  function sleep(): void {
    cancelTimer?.()
    cancelTimer = undefined
    if (waiting.size === 0) return
    let nextMs = longestSleepMs
    for (const due of waiting.values()) nextMs = Math.min(nextMs, leftMs(due))
    cancelTimer = clock.after(Math.max(0, nextMs), wake)
  }

  function wake(): void {
    for (const [key, due] of [...waiting]) {
      if (leftMs(due) > 0) continue
      waiting.delete(key)
      add(key)
    }
    sleep()
  }

  const leftMs = (due: Due) => Math.min(due.wallMs - clock.now().getTime(), due.monotonicMs - clock.monotonicMs())

  return {
    add,
    addAfter,
    addRateLimited: (key) => {
      const count = failed.get(key) ?? 0
      failed.set(key, count + 1)
      const backoffMs = Math.min(firstBackoffMs * 2 ** Math.min(count, 40), longestBackoffMs)
      addAfter(key, Math.max(backoffMs * (1 - jitter * random()), bucket.reserveMs()))
    },
    forget: (key) => failed.delete(key),
    get: () => {
      if (isShutDown) return Promise.resolve(undefined)
      const [key] = ready
      if (key === undefined) return new Promise((resolve) => idle.push(resolve))
      ready.delete(key)
      working.add(key)
      return Promise.resolve(key)
    },
    done: (key) => {
      working.delete(key)
      if (dirty.delete(key)) add(key)
    },
    depth: () => ready.size,
    failures: (key) => failed.get(key) ?? 0,
    shutDown: () => {
      isShutDown = true
      cancelTimer?.()
      waiting.clear()
      ready.clear()
      dirty.clear()
      for (const worker of idle.splice(0)) worker(undefined)
    },
  }
}
