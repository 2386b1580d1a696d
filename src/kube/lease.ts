import type { Log } from '../observe/log.ts'
import { ApiError, isApiError } from './apiError.ts'
import type { Client } from './client.ts'
import { pause, type Clock } from './clock.ts'
import { createLeaseLock, type Held, type LeaseTimes } from './leaseLock.ts'
import type { Ref } from './object.ts'

export interface ElectionOptions {
  readonly lease: Ref
  /** Unique to this process, not only to its pod: the pod's name and something random. At most 253 characters. */
  readonly identity: string
  /** Default: client-go's 15, 10 and 2 s. */
  readonly times?: LeaseTimes
}

/** One term as leader. */
export interface Leadership {
  /** Aborted when the work has to end: asked to, or the moment the lease is no longer surely ours. */
  readonly signal: AbortSignal
  /** `leaseTransitions` of this term. A Lease is no fence: whoever writes under it has to compare this too. */
  readonly epoch: number
}

/** `stopped`: asked to. `lost`: somebody else may lead now. `workEnded`: the work returned or threw by itself. */
export interface ElectionEnd {
  readonly reason: 'stopped' | 'lost' | 'workEnded'
  /** What the work threw, if it did. */
  readonly error?: unknown
}

export interface Election {
  isLeader(): boolean
  /** Of the term we hold; undefined while we hold none. */
  epoch(): number | undefined
  /**
   * There is one term at most: after it the process exits, for what it remembers is a leader's. All work has returned by
   * then, save when the lease was lost and the work hangs: then it comes when others may take over. Never rejects.
   */
  readonly ended: Promise<ElectionEnd>
  /** Ends the work, waits for it, then gives the lease back so that the next leader need not wait. */
  stop(): Promise<void>
}

export interface ElectionEdges {
  readonly clock: Clock
  /** 0 … 1, as `Math.random`. */
  readonly random: () => number
  readonly log: Log
}

const clientGoTimes: LeaseTimes = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 }

/** Campaigns for a coordination.k8s.io Lease, then runs the work for as long as it is held. */
export function startElection(
  client: Client,
  { lease, identity, times = clientGoTimes }: ElectionOptions,
  onStartedLeading: (leadership: Leadership) => Promise<void>,
  edges: ElectionEdges,
): Election {
  const { clock, random } = edges
  const log = edges.log.with({ identity })
  const lock = createLeaseLock(client, lease, identity, times, clock, (holder) =>
    log.info('the leader has changed', { leader: holder === '' ? 'nobody' : holder }),
  )
  const stopping = new AbortController()
  const lost = new AbortController()
  let epoch: number | undefined

  async function take(): Promise<Held | undefined> {
    while (!stopping.signal.aborted) {
      try {
        const held = await lock.tryToTake(stopping.signal)
        if (held) return held
      } catch (error) {
        // Lost the race, or nobody knows: the next look will tell.
        if (!isApiError(error, 'Conflict', 'AlreadyExists', 'Aborted')) log.warn('cannot campaign', { error })
      }
      await pause(clock, times.retryPeriodMs * (1 + 0.2 * random()), stopping.signal)
    }
    return undefined
  }

  /** Renews until the work is done or the lease is lost; answers the lease as last stored. */
  async function keep(first: Held, workDone: AbortSignal, lose: () => void): Promise<Held> {
    const over = AbortSignal.any([workDone, lost.signal])
    const isOver = () => over.aborted
    let held = first
    while (!isOver()) {
      // Armed before the wait and through the renewal: a call that hangs must not outlive the deadline.
      const disarm = clock.after(lock.leftMs(held), lose)
      try {
        await pause(clock, times.retryPeriodMs, over)
        if (isOver()) break
        if (lock.leftMs(held) > 0) held = await lock.renew(held, lost.signal)
        else lose()
      } catch (error) {
        if (isApiError(error, 'Conflict')) lose()
        log.warn('cannot renew the lease', { error, epoch: held.epoch })
      } finally {
        disarm()
      }
    }
    return held
  }

  async function run(): Promise<ElectionEnd> {
    const first = await take()
    if (first === undefined) return { reason: 'stopped' }
    const work = new AbortController()
    const workDone = new AbortController()
    const lose = () => {
      epoch = undefined
      work.abort(new ApiError('Aborted', 'the lease is lost'))
      lost.abort()
    }
    stopping.signal.addEventListener('abort', () => work.abort(new ApiError('Aborted', 'stopping')), { once: true })
    if (stopping.signal.aborted) work.abort(new ApiError('Aborted', 'stopping'))
    epoch = first.epoch
    log.info('leading', { epoch })

    let failure: { readonly error?: unknown } = {}
    const lead = async (leadership: Leadership) => {
      try {
        await onStartedLeading(leadership)
      } catch (error) {
        failure = { error }
      } finally {
        workDone.abort()
      }
    }
    void lead({ signal: work.signal, epoch })

    const held = await keep(first, workDone.signal, lose)
    epoch = undefined
    if (lost.signal.aborted) {
      log.error('the lease is lost', { epoch: first.epoch })
      await pause(clock, times.leaseDurationMs - times.renewDeadlineMs, workDone.signal)
      return { reason: 'lost', ...failure }
    }
    await lock.release(held).catch((error: unknown) => log.warn('cannot give the lease back; it runs out', { error }))
    return { reason: stopping.signal.aborted ? 'stopped' : 'workEnded', ...failure }
  }

  const ended = run()
  return {
    isLeader: () => epoch !== undefined,
    epoch: () => epoch,
    ended,
    stop: async () => {
      stopping.abort()
      await ended
    },
  }
}
