import { isTrue, withCondition, type Claim, type Condition, type ConditionType } from '../../api/conditions.ts'
import { durationMs } from '../../api/duration.ts'
import type { KesIdentityStatus } from '../../api/kesIdentity.ts'
import { identityOfSpki } from '../../kes/identity.ts'
import { renewalTime, violation, type Violation } from '../../pki/renewal.ts'
import type { Plan } from '../reconciler.ts'
import type { EnrolStep } from './enroller.ts'
import type { Observed, Obstacle } from './observed.ts'

export type Step =
  /** The first key pair of this identity. */
  | { readonly do: 'create' }
  /** The pair is gone here, but the workload's Secret still has the very one that was recorded: nothing changes for anybody. */
  | { readonly do: 'takeBack' }
  /** A new certificate for the same key. */
  | { readonly do: 'renew'; readonly why: Violation['reason'] }
  | { readonly do: EnrolStep }
  | { readonly do: 'handOut' }

const pollMs = 2_000
const idleMs = 60_000

function certificateViolation({ identity, keyServer, authorityPem, kept }: Observed, now: Date): Violation | undefined {
  if (!keyServer || authorityPem === undefined || kept.is !== 'found') return undefined
  const { client, renewAt } = keyServer.spec.certificates
  return violation(
    kept.value.pem,
    {
      usages: ['client'],
      dnsNames: [],
      ipAddresses: [],
      authorityPem,
      lifetimeMs: durationMs(client),
      renewAt,
      jitterSeed: `${identity.metadata.namespace}/${identity.metadata.name}`,
    },
    now,
  )
}

/** The pair that is kept is the one that was recorded, so somebody may be using it. */
const isEstablished = ({ status, keptIdentity }: Observed): boolean =>
  keptIdentity !== undefined && status.identity === keptIdentity

/** What stands in the way before anything may be made: who may have an identity at all. */
function obstacleBefore(observed: Observed): Obstacle | undefined {
  const { identity, keyServer, admitted, authorityPem, kept, handedOut } = observed
  const server = identity.spec.keyServerRef.name
  if (!keyServer) return { reason: 'KeyServerUnknown', message: `there is no KeyServer called ${server}` }
  if (!admitted)
    return {
      reason: 'KeyServerNotAllowed',
      message: `the KeyServer ${server} does not admit this namespace (spec.namespaces.selector)`,
    }
  if (observed.keyNameProblem !== undefined) return { reason: 'KeyNameInvalid', message: observed.keyNameProblem }
  // Who works goes on working: what stops new identities (a lost key, say) must not let an old one's certificate run out.
  const says = keyServer.status?.conditions
  const usable = isTrue(says, 'Ready') || (isEstablished(observed) && isTrue(says, 'Serving'))
  if (!usable || authorityPem === undefined) {
    const why = says?.find(({ type }) => type === 'Ready')
    return {
      reason: 'KeyServerNotReady',
      message: `the KeyServer ${server} is not ready${why ? `: ${why.message}` : ''}`,
    }
  }
  if (kept.is === 'broken')
    return { reason: 'PairUnreadable', message: `the kept key pair cannot be read: ${kept.why}` }
  if (handedOut.is === 'forbidden')
    return {
      reason: 'SecretNameNotListed',
      message: `the controller may not touch a Secret called ${identity.spec.secretName}: list the name in the chart's workloadSecretNames`,
    }
  if (handedOut.is === 'foreign')
    return {
      reason: 'SecretConflict',
      message: `the Secret ${identity.spec.secretName} is not this identity's; rename or delete it, it is not written over`,
    }
  return undefined
}

/** What stands between an enrolled identity and the workload: the Secret is handed out only after a real call succeeded. */
function obstacleAfter({ keyServer, keyName, enrolment }: Observed): Obstacle | undefined {
  if (enrolment.is === 'unknown') return { reason: 'KeyServerUnreachable', message: enrolment.why }
  if (enrolment.waitsFor) return enrolment.waitsFor
  if (!(keyServer?.status?.keys ?? []).includes(keyName))
    return { reason: 'KeyMissing', message: `waiting for the key ${keyName}` }
  if (enrolment.call === undefined) return { reason: 'NotTried', message: 'the identity was not tried yet' }
  if (enrolment.call !== 'succeeded')
    return { reason: 'CallRefused', message: `a real call with the identity failed: ${enrolment.call.failed}` }
  return undefined
}

/** Whoever may write Secrets in the workload's namespace could lay a key of their own there: only the recorded one is ours. */
const holdsRecordedPair = ({ status, handedOut }: Observed): boolean =>
  handedOut.is === 'different' &&
  handedOut.pair.is === 'found' &&
  identityOfSpki(handedOut.pair.value.spki) === status.identity

function nextStep(observed: Observed, now: Date): Step | undefined {
  const { kept, handedOut, enrolment } = observed
  if (kept.is === 'missing') return { do: holdsRecordedPair(observed) ? 'takeBack' : 'create' }
  const due = certificateViolation(observed, now)
  if (due) return { do: 'renew', why: due.reason }
  if (enrolment.is === 'known' && !enrolment.waitsFor) {
    if (!enrolment.policy) return { do: 'writePolicy' }
    if (!enrolment.assigned) return { do: 'assignPolicy' }
  }
  if (obstacleAfter(observed)) return undefined
  return handedOut.is === 'current' ? undefined : { do: 'handOut' }
}

function conditionsOf(observed: Observed, before: Obstacle | undefined, now: Date): readonly Condition[] {
  const { identity, kept, handedOut, enrolment } = observed
  const generation = identity.metadata.generation
  const say = (
    conditions: readonly Condition[],
    type: ConditionType,
    ok: boolean,
    rest: Pick<Claim, 'reason' | 'message'>,
  ) => withCondition(conditions, { type, status: ok ? 'True' : 'False', ...rest }, now, generation)
  const after = obstacleAfter(observed)
  const succeeded = enrolment.is === 'known' && enrolment.call === 'succeeded'
  const issued = say(
    observed.status.conditions ?? [],
    'Issued',
    kept.is === 'found',
    kept.is === 'found'
      ? { reason: 'Issued', message: 'there is a key pair with a valid certificate' }
      : { reason: 'Pending', message: 'there is no key pair yet' },
  )
  const enrolled = say(
    issued,
    'Enrolled',
    succeeded,
    succeeded
      ? { reason: 'CallSucceeded', message: 'the key server made and opened a data key for this identity' }
      : (before ?? after ?? { reason: 'Pending', message: 'not enrolled yet' }),
  )
  const ready = succeeded && !before && handedOut.is === 'current'
  return say(
    enrolled,
    'Ready',
    ready,
    ready
      ? { reason: 'Ready', message: `the Secret ${identity.spec.secretName} carries it` }
      : (before ??
          after ?? { reason: 'HandingOut', message: `the Secret ${identity.spec.secretName} is being written` }),
  )
}

/**
 * The one next step towards "MinIO of this namespace holds an identity that works".
 *
 * The order is the promise: the pair is kept before anybody enrols it, its policy exists before it is assigned (KES takes an unknown
 * policy without a word), a real call with it has succeeded before the workload's Secret is written, and a renewal never changes the key.
 */
export function plan(observed: Observed, now: Date): Plan<Step, KesIdentityStatus> {
  const { identity, status, keyServer, kept, keptIdentity, keyName } = observed
  const before = obstacleBefore(observed)
  const next: KesIdentityStatus = {
    ...status,
    keyName,
    ...(identity.metadata.generation === undefined ? {} : { observedGeneration: identity.metadata.generation }),
    ...(keptIdentity === undefined ? {} : { identity: keptIdentity }),
    ...(kept.is === 'found' && keyServer
      ? {
          notAfter: kept.value.notAfter.toISOString(),
          renewalTime: renewalTime(
            kept.value,
            keyServer.spec.certificates.renewAt,
            `${identity.metadata.namespace}/${identity.metadata.name}`,
          ).toISOString(),
        }
      : {}),
    conditions: conditionsOf(observed, before, now),
  }
  if (before || identity.metadata.deletionTimestamp !== undefined)
    return { status: next, recheckMs: before?.reason === 'KeyServerNotReady' ? pollMs : idleMs }
  const step = nextStep(observed, now)
  if (step) return { status: next, step, recheckMs: 0 }
  return { status: next, recheckMs: observed.handedOut.is === 'current' ? idleMs : pollMs }
}
