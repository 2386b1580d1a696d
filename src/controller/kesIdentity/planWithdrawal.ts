import { withCondition, type Claim, type Condition } from '../../api/conditions.ts'
import type { KesIdentity, KesIdentityStatus } from '../../api/kesIdentity.ts'
import { annotations, revocationFinalizer } from '../../api/names.ts'
import type { Plan } from '../reconciler.ts'
import type { Observed } from './observed.ts'

export type WithdrawStep =
  /** Identity and policy, at the key server. */
  | { readonly do: 'withdraw' }
  /** The workload's Secret: what lies in it is refused everywhere. */
  | { readonly do: 'takeAway' }
  /** The kept pair. */
  | { readonly do: 'forget' }
  /** The finalizer: the API server then deletes the identity. */
  | { readonly do: 'release' }

const pollMs = 2_000
const waitMs = 15_000
const idleMs = 60_000

/** A key server that did not answer for so long is taken for gone: a namespace must not wait for it for ever. */
export const giveUpAfterMs = 24 * 3_600_000

export const isRevocable = ({ metadata }: KesIdentity): boolean =>
  metadata.finalizers?.includes(revocationFinalizer) ?? false

type Revoked = Claim & { readonly type: 'Revoked' }
const claim = (status: Claim['status'], reason: string, message: string): Revoked => ({
  type: 'Revoked',
  status,
  reason,
  message,
})

const revokedCondition = (conditions: readonly Condition[] | undefined): Condition | undefined =>
  conditions?.find(({ type }) => type === 'Revoked')

const didNotAnswer = (
  { status }: Observed,
  why: string,
  server: string,
  now: Date,
): { readonly over: boolean; readonly claim: Revoked } => {
  const former = revokedCondition(status.conditions)
  const sinceMs = former?.status === 'Unknown' ? now.getTime() - new Date(former.lastTransitionTime).getTime() : 0
  return sinceMs >= giveUpAfterMs
    ? {
        over: true,
        claim: claim(
          'Unknown',
          'GivenUp',
          `the KeyServer ${server} did not answer for a day: nobody saw it refuse ${status.identity ?? 'the identity'}, remove it there by hand`,
        ),
      }
    : { over: false, claim: claim('Unknown', 'KeyServerUnreachable', why) }
}

/** Whether the way is free for the finalizer, and what is said of it. `step`: what is left to do at the key server. */
function revocation(
  observed: Observed,
  now: Date,
): { readonly over: boolean; readonly claim: Revoked; readonly step?: WithdrawStep } {
  const { identity, keyServer, withdrawal, kept, status } = observed
  const server = identity.spec.keyServerRef.name
  const { name, annotations: said } = identity.metadata
  if (!keyServer)
    return { over: true, claim: claim('True', 'KeyServerGone', `the KeyServer ${server} is gone: nobody knows it`) }
  if (said?.[annotations.skipRevocation] === name)
    return {
      over: true,
      claim: claim(
        'Unknown',
        'Skipped',
        `${annotations.skipRevocation} says so: nobody saw the KeyServer ${server} refuse ${status.identity ?? 'the identity'}`,
      ),
    }
  // It was seen refused, and then its pair was forgotten: nobody can try again, and nobody has to.
  const former = revokedCondition(status.conditions)
  if (former?.status === 'True' && kept.is === 'missing')
    return { over: true, claim: claim('True', former.reason, former.message) }
  if (withdrawal?.is !== 'known') return didNotAnswer(observed, withdrawal?.why ?? 'not asked yet', server, now)
  const { listed, call, waitsFor } = withdrawal
  if ((listed || call === 'accepted') && waitsFor)
    return { over: false, claim: claim('False', waitsFor.reason, waitsFor.message) }
  if (listed)
    return {
      over: false,
      claim: claim('False', 'Revoking', 'being removed at the key server'),
      step: { do: 'withdraw' },
    }
  if (call === 'accepted')
    return {
      over: false,
      claim: claim('False', 'StillAccepted', 'the key server does not list it, and a real call with it still succeeds'),
    }
  return {
    over: true,
    claim: claim(
      'True',
      call === 'refused' ? 'Refused' : 'NotListed',
      call === 'refused'
        ? 'the key server refused a real call with it'
        : 'the key server does not know it; its pair is gone, so nobody can try it',
    ),
  }
}

function cleanUp({ handedOut, kept }: Observed): WithdrawStep {
  if (handedOut.is === 'current' || handedOut.is === 'different') return { do: 'takeAway' }
  return kept.is === 'missing' ? { do: 'release' } : { do: 'forget' }
}

/**
 * The one next step towards "an identity that was deleted opens nothing any more, and then it is gone".
 *
 * The order is the promise: it is refused by every replica, seen with a real call, before the pair that shows it is forgotten; and the
 * finalizer goes last, when no Secret of ours holds the pair any more, so that a new identity of the same name gets a new key. Keys
 * stay: they belong to the name of the namespace. A server that is gone, that does not answer for a day, or about which a person has
 * said not to wait, does not hold it back.
 */
export function planWithdrawal(observed: Observed, now: Date): Plan<WithdrawStep, KesIdentityStatus> {
  const { identity, status } = observed
  if (!isRevocable(identity)) return { status, recheckMs: idleMs }
  const { over, claim: revoked, step } = revocation(observed, now)
  const { generation } = identity.metadata
  const said = withCondition(status.conditions ?? [], revoked, now, generation)
  const conditions = withCondition(
    said,
    { type: 'Ready', status: 'False', reason: 'Deleting', message: 'it is being revoked' },
    now,
    generation,
  )
  const next = { ...status, conditions }
  if (over) return { status: next, step: cleanUp(observed), recheckMs: 0 }
  if (step) return { status: next, step, recheckMs: 0 }
  const isLoading = observed.withdrawal?.is === 'known' && observed.withdrawal.listed
  return { status: next, recheckMs: isLoading ? pollMs : waitMs }
}
