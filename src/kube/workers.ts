import type { Log } from '../observe/log.ts'
import { isApiError } from './apiError.ts'
import type { Clock } from './clock.ts'
import type { WorkQueue } from './workQueue.ts'

/** Ask again after this, although all went well: renewals, deadlines, waiting for somebody. */
export interface Requeue {
  readonly requeueAfterMs?: number | undefined
}

/** Looks at what is true now and does one thing about it. Any event may have been lost, and it may be asked at any time. */
export type Reconcile = (key: string, signal: AbortSignal) => Promise<Requeue | undefined> | Promise<void>

/** How a reconciliation ended; `conflict` means somebody wrote first, which is ordinary. */
export type ReconcileOutcome = 'success' | 'requeue' | 'conflict' | 'error'

export interface WorkerOptions {
  readonly controller: string
  /** How many keys at once; a key is never in two hands. Default 1. */
  readonly concurrency?: number
  /** Aborted: running reconciliations are told, and no other begins. */
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly log: Log
  readonly onReconciled?: (outcome: ReconcileOutcome, durationMs: number, key: string) => void
}

/**
 * Works the queue until the signal is aborted. Resolves when the last reconciliation has returned: from then on nothing
 * of this controller runs. What a reconciliation throws is logged and tried again after the key's backoff.
 */
export async function runWorkers(queue: WorkQueue, reconcile: Reconcile, options: WorkerOptions): Promise<void> {
  const { controller, concurrency = 1, signal, clock, onReconciled } = options
  const log = options.log.with({ controller })
  const stop = () => queue.shutDown()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()

  async function one(key: string): Promise<ReconcileOutcome> {
    try {
      const answer = (await reconcile(key, signal)) as Requeue | undefined
      queue.forget(key)
      if (answer?.requeueAfterMs === undefined) return 'success'
      queue.addAfter(key, answer.requeueAfterMs)
      return 'requeue'
    } catch (error) {
      queue.addRateLimited(key)
      const attempt = queue.failures(key)
      if (isApiError(error, 'Conflict')) {
        log.debug('somebody else wrote first; trying again', { key, attempt, error })
        return 'conflict'
      }
      // Who was told to stop may fail while stopping.
      if (!signal.aborted) log.warn('a reconciliation failed and is tried again', { key, attempt, error })
      return 'error'
    }
  }

  async function work(): Promise<void> {
    for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
      const startedMs = clock.monotonicMs()
      const outcome = await one(key)
      queue.done(key)
      onReconciled?.(outcome, clock.monotonicMs() - startedMs, key)
    }
  }

  await Promise.all(Array.from({ length: concurrency }, work))
  signal.removeEventListener('abort', stop)
}
