import type { Clock } from './clock.ts'

/** A bound on a rate: `burst` at once, then `perSecond`. */
export interface TokenBucket {
  /** Takes a token now if there is one. */
  tryTake(): boolean
  /** Takes the next token and says how long to wait for it. */
  reserveMs(): number
}

export function createTokenBucket(clock: Clock, perSecond: number, burst: number): TokenBucket {
  let tokens = burst
  let atMs = clock.monotonicMs()
  const refill = () => {
    const nowMs = clock.monotonicMs()
    tokens = Math.min(burst, tokens + ((nowMs - atMs) / 1000) * perSecond)
    atMs = nowMs
  }
  return {
    tryTake: () => {
      refill()
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    reserveMs: () => {
      refill()
      tokens -= 1
      return tokens >= 0 ? 0 : (-tokens / perSecond) * 1000
    },
  }
}
