import { microTime } from './microTime.ts'
import { leases, type Lease } from './resources.ts'
import { apiVersionOf, type Ref } from './object.ts'

/** What a Lease says about who leads. */
export interface LeaseRecord {
  /** Empty after a release. */
  readonly holder: string
  /** `leaseTransitions`: goes up by one with each term, so it names the term. */
  readonly epoch: number
  readonly durationMs: number
  /** Changes with each renewal. Compared, never read as a time: the holder's clock is not ours. */
  readonly renewTime: string
}

export function recordOf({ spec }: Lease): LeaseRecord {
  return {
    holder: spec?.holderIdentity ?? '',
    epoch: spec?.leaseTransitions ?? 0,
    durationMs: (spec?.leaseDurationSeconds ?? 0) * 1000,
    renewTime: spec?.renewTime ?? '',
  }
}

export interface Claim {
  readonly holder: string
  readonly epoch: number
  readonly durationMs: number
  readonly now: Date
  /** Absent: the term goes on, and the time of its beginning stays. */
  readonly acquired?: Date
}

/** The Lease as the holder writes it: onto `former` under its resourceVersion, or new. */
export function leaseFor(
  ref: Ref,
  former: Lease | undefined,
  { holder, epoch, durationMs, now, acquired }: Claim,
): Lease {
  return {
    apiVersion: apiVersionOf(leases),
    kind: leases.kind,
    metadata: former?.metadata ?? { name: ref.name, ...(ref.namespace ? { namespace: ref.namespace } : {}) },
    spec: {
      ...former?.spec,
      holderIdentity: holder,
      leaseTransitions: epoch,
      leaseDurationSeconds: Math.max(1, Math.ceil(durationMs / 1000)),
      renewTime: microTime(now),
      ...(acquired === undefined ? {} : { acquireTime: microTime(acquired) }),
    },
  }
}
