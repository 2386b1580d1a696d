import type { Claim } from '../../api/conditions.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { isTrue } from '../../api/conditions.ts'
import type { Plan } from '../reconciler.ts'
import type { Observed, Watched } from './observed.ts'

export type Step = {
  readonly do: 'recordUse'
  readonly identity: KesIdentity
  /** To the hour: who looks at a status does not count minutes, and each write wakes others. */
  readonly lastSeen: string | undefined
  readonly claim: Claim & { readonly type: 'Used' }
  /** Pods to tell. */
  readonly pods: readonly string[]
}

/** MinIO describes its default key every 10 s: this is sixty times that. */
export const patienceMs = 10 * 60_000
const hourMs = 3_600_000
const recheckMs = 60_000

const toTheHour = (at: Date): string => new Date(Math.floor(at.getTime() / hourMs) * hourMs).toISOString()

const used = (since: string): Step['claim'] => ({
  type: 'Used',
  status: 'True',
  reason: 'CallSeen',
  message: `MinIO called the key server with it, last seen in the hour of ${since}`,
})

/** When the pair was handed out: whoever has it for less than the patience has had no chance yet. */
const readySince = ({ status }: KesIdentity): Date | undefined => {
  const ready = status?.conditions?.find(({ type, status: held }) => type === 'Ready' && held === 'True')
  return ready && new Date(ready.lastTransitionTime)
}

const longAgo = (since: Date | undefined, now: Date): boolean =>
  since !== undefined && now.getTime() - since.getTime() >= patienceMs

/** Whether the pods of its namespace must be looked at: there was time enough, and nobody ever called. */
export function isSuspect(
  { identity, seenAt }: Pick<Watched, 'identity' | 'seenAt'>,
  followed: Date | undefined,
  now: Date,
): boolean {
  return (
    seenAt === undefined &&
    identity.status?.lastSeen === undefined &&
    longAgo(readySince(identity), now) &&
    longAgo(followed, now)
  )
}

function stepFor(watched: Watched, followed: Date | undefined, now: Date): Step | undefined {
  const { identity, seenAt, pods = [] } = watched
  if (seenAt !== undefined) {
    const lastSeen = toTheHour(seenAt)
    const known = identity.status?.lastSeen === lastSeen && isTrue(identity.status.conditions, 'Used')
    return known ? undefined : { do: 'recordUse', identity, lastSeen, claim: used(lastSeen), pods: [] }
  }
  if (!isSuspect(watched, followed, now)) return undefined
  const silent = pods.filter(({ since }) => longAgo(since, now)).map(({ name }) => name)
  if (silent.length === 0) return undefined
  const message =
    `${silent.slice(0, 3).join(', ')}${silent.length > 3 ? ` and ${silent.length - 3} more` : ''} run with our settings, ` +
    'and the key server never had a call with this identity: something else decides about their KMS. See kubectl kes explain'
  const former = identity.status?.conditions?.find(({ type }) => type === 'Used')
  if (former?.status === 'False' && former.message === message) return undefined
  const claim = { type: 'Used', status: 'False', reason: 'NeverCalled', message } as const
  return { do: 'recordUse', identity, lastSeen: undefined, claim, pods: silent }
}

/**
 * Tells of a MinIO that was connected and does not use KES: its config.env or a file beats what we wrote, and nobody may read those
 * but the person. Only what a stateful KES itself has heard counts; a current KES does not log such calls (facts: KES D.4).
 */
export function plan({ watched, followedSince }: Observed, now: Date): Plan<Step, undefined> {
  for (const each of watched) {
    const step = stepFor(each, followedSince, now)
    if (step) return { status: undefined, step, recheckMs: 0 }
  }
  return { status: undefined, recheckMs }
}
