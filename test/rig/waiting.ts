import { setTimeout as delay } from 'node:timers/promises'
import { RigError } from './rigError.ts'

export interface Waiting {
  /** Completes "waited N s for …". */
  readonly what: string
  readonly timeoutMs: number
  readonly everyMs?: number
  /** Asked at each try: a text says why waiting is hopeless and ends it. */
  readonly hopeless?: () => string | undefined
}

/** Asks until an answer comes. Throws `StartFailed` when there is no hope left and `TimedOut` when the time is. */
export async function until<T>(observe: () => T | undefined | Promise<T | undefined>, waiting: Waiting): Promise<T> {
  const endMs = performance.now() + waiting.timeoutMs
  for (;;) {
    const seen = await observe()
    if (seen !== undefined) return seen
    const why = waiting.hopeless?.()
    if (why !== undefined) throw new RigError('StartFailed', `${waiting.what}: ${why}`)
    if (performance.now() > endMs)
      throw new RigError('TimedOut', `waited ${waiting.timeoutMs / 1000} s for ${waiting.what}`)
    await delay(waiting.everyMs ?? 50)
  }
}
