import { isApiError } from './apiError.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'
import { leaseFor, recordOf, type LeaseRecord } from './leaseRecord.ts'
import type { Ref } from './object.ts'
import { leases, type Lease } from './resources.ts'

export interface LeaseTimes {
  /** Others may take over when they saw no renewal for this long. */
  readonly leaseDurationMs: number
  /** The leader stops by itself when it could not renew for this long; shorter than the duration. */
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
}

/** A lease that is ours: as last stored, and when that renewal was sent. */
export interface Held {
  readonly lease: Lease
  readonly epoch: number
  readonly sentWallMs: number
  readonly sentMonotonicMs: number
}

/** One Lease in the hands of one identity; every method is one look or one write, and throws `ApiError`. */
export interface LeaseLock {
  /** Takes the lease if it is free; undefined while it is somebody else's. */
  tryToTake(signal: AbortSignal): Promise<Held | undefined>
  /** `Conflict` if the lease is not ours any more; any other error says nothing about that. */
  renew(held: Held, signal: AbortSignal): Promise<Held>
  /** Says that nobody holds it, so that the next need not wait. */
  release(held: Held): Promise<void>
  /**
   * For how long the lease is surely still ours. Either clock may end it: the monotonic one stands still in a suspended
   * machine, the wall clock jumps.
   */
  leftMs(held: Held): number
}

/** A strange record keeps us waiting for this many times our own duration at most. */
const longestRespected = 4

export function createLeaseLock(
  client: Client,
  ref: Ref,
  identity: string,
  { leaseDurationMs, renewDeadlineMs }: LeaseTimes,
  clock: Clock,
  onLeader: (holder: string) => void,
): LeaseLock {
  let observed: { readonly record: LeaseRecord; readonly atMs: number } | undefined
  const callDeadlineMs = renewDeadlineMs / 2

  /** Another's lease is over when its record stayed the same for its duration on our clock. Its own times are not read. */
  function isFree(record: LeaseRecord): boolean {
    const nowMs = clock.monotonicMs()
    if (observed === undefined || !sameRecord(observed.record, record)) {
      if (observed?.record.holder !== record.holder) onLeader(record.holder)
      observed = { record, atMs: nowMs }
    }
    // Our own identity can only be a former life of this process; the epoch keeps that one from writing.
    if (record.holder === '' || record.holder === identity) return true
    const respectedMs = Math.min(Math.max(record.durationMs, leaseDurationMs), longestRespected * leaseDurationMs)
    return nowMs - observed.atMs >= respectedMs
  }

  async function write(
    former: Lease | undefined,
    epoch: number,
    signal: AbortSignal,
    deadlineMs: number,
  ): Promise<Held> {
    const now = clock.now()
    const held = { epoch, sentWallMs: now.getTime(), sentMonotonicMs: clock.monotonicMs() }
    const isNewTerm = former === undefined || recordOf(former).epoch !== epoch
    const claim = { holder: identity, epoch, durationMs: leaseDurationMs, now, ...(isNewTerm ? { acquired: now } : {}) }
    const wanted = leaseFor(ref, former, claim)
    const limits = { signal, deadlineMs }
    const lease = former ? await client.update(leases, wanted, limits) : await client.create(leases, wanted, limits)
    return { ...held, lease }
  }

  const leftMs = ({ sentWallMs, sentMonotonicMs }: Held) =>
    renewDeadlineMs - Math.max(clock.monotonicMs() - sentMonotonicMs, clock.now().getTime() - sentWallMs)

  return {
    leftMs,
    async tryToTake(signal) {
      const former = await client.get(leases, ref, { signal, deadlineMs: callDeadlineMs })
      if (former === undefined) return await write(undefined, 0, signal, callDeadlineMs)
      const record = recordOf(former)
      return isFree(record) ? await write(former, record.epoch + 1, signal, callDeadlineMs) : undefined
    },
    async renew(held, signal) {
      const deadlineMs = Math.max(1, Math.min(leftMs(held), callDeadlineMs))
      try {
        return await write(held.lease, held.epoch, signal, deadlineMs)
      } catch (error) {
        if (!isApiError(error, 'Conflict')) throw error
        // A renewal that timed out may have been stored, or somebody has set a label: look before giving up.
        const current = await client.get(leases, ref, { signal, deadlineMs })
        const record = current && recordOf(current)
        if (current === undefined || record?.holder !== identity || record.epoch !== held.epoch) throw error
        return await write(current, held.epoch, signal, deadlineMs)
      }
    },
    async release({ lease, epoch }) {
      const nobody = leaseFor(ref, lease, { holder: '', epoch, durationMs: 1_000, now: clock.now() })
      await client.update(leases, nobody, { deadlineMs: callDeadlineMs })
    },
  }
}

const sameRecord = (one: LeaseRecord, other: LeaseRecord) =>
  one.holder === other.holder && one.epoch === other.epoch && one.renewTime === other.renewTime
