import { isTrue, withCondition, type Claim, type Condition, type ConditionType } from '../../api/conditions.ts'
import type { KesIdentityStatus } from '../../api/kesIdentity.ts'
import { identityOfSpki } from '../../kes/identity.ts'
import type { Plan } from '../reconciler.ts'
import type { EnrolStep } from './enroller.ts'
import { certificateViolation, issuerObstacle, issueStep, renewalTimeOf, type IssueStep } from './issuing.ts'
import type { Observed, Obstacle } from './observed.ts'
import { isRevocable, planWithdrawal, type WithdrawStep } from './planWithdrawal.ts'

export type Step =
  /** The finalizer: what may be known to a key server must be seen refused before it goes. */
  | { readonly do: 'holdBack' }
  /** The first key pair of this identity. */
  | { readonly do: 'create' }
  /** The first certificate of ours for a key pair that is in use already. */
  | { readonly do: 'import' }
  /** The pair is gone here, but the workload's Secret still has the very one that was recorded: nothing changes for anybody. */
  | { readonly do: 'takeBack' }
  | IssueStep
  | { readonly do: EnrolStep }
  | { readonly do: 'handOut' }
  | WithdrawStep

const pollMs = 2_000
const idleMs = 60_000
/** Where a person has to do something at the key server. */
const awaitedMs = 15_000

/** The pair that is kept is the one that was recorded, so somebody may be using it. */
const isEstablished = ({ status, keptIdentity }: Observed): boolean =>
  keptIdentity !== undefined && status.identity === keptIdentity

const isExchanged = ({ status, keptIdentity }: Observed): boolean =>
  keptIdentity !== undefined && status.identity !== undefined && status.identity !== keptIdentity

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
  if (observed.policyProblem !== undefined)
    return { reason: 'PolicyInvalid', message: `spec.policy.allow: ${observed.policyProblem}` }
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
  // Somebody laid another key there: handed out, it would shut a running MinIO out, or be a key that others know.
  if (isExchanged(observed))
    return {
      reason: 'PairExchanged',
      message:
        'the kept key pair is not the one that was recorded: restore its Secret, or delete the KesIdentity to begin anew',
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
  return holdsRecordedPair(observed) ? undefined : importObstacle(observed)
}

/** Why the pair that `spec.importSecretRef` names cannot become this identity's. */
function importObstacle({ identity, status, kept, imported, importedBelongsTo }: Observed): Obstacle | undefined {
  if (importedBelongsTo !== undefined)
    return {
      reason: 'IdentityTaken',
      message: `the imported key pair is ${importedBelongsTo}: one of its own is needed`,
    }
  if (kept.is !== 'missing' || !imported) return undefined
  const name = identity.spec.importSecretRef?.name ?? ''
  switch (imported.is) {
    case 'forbidden':
      return {
        reason: 'SecretNameNotListed',
        message: `the controller may not read a Secret called ${name}: list the name in the chart's workloadSecretNames`,
      }
    case 'missing':
      return { reason: 'ImportUnreadable', message: `waiting for the Secret ${name} (spec.importSecretRef)` }
    case 'broken':
      return { reason: 'ImportUnreadable', message: `the Secret ${name} cannot be imported: ${imported.why}` }
    case 'found':
      return status.identity === undefined || status.identity === imported.value.identity
        ? undefined
        : {
            reason: 'ImportChanged',
            message: `the kept key pair is gone, and the Secret ${name} holds another one than was imported: restore one of the two`,
          }
  }
}

/** What stands between an enrolled identity and the workload: the Secret is handed out only after a real call succeeded. */
function obstacleAfter({ keyServer, keyName, enrolment }: Observed): Obstacle | undefined {
  if (enrolment.is === 'unknown') return { reason: 'KeyServerUnreachable', message: enrolment.why }
  if (enrolment.waitsFor) return enrolment.waitsFor
  if (enrolment.call === 'succeeded' || enrolment.call === 'configured') return undefined
  if (typeof enrolment.call === 'object')
    return { reason: 'CallRefused', message: `a real call with the identity failed: ${enrolment.call.failed}` }
  return (keyServer?.status?.keys ?? []).includes(keyName)
    ? { reason: 'NotTried', message: 'the identity was not tried yet' }
    : { reason: 'KeyMissing', message: `waiting for the key ${keyName}` }
}

/** Whoever may write Secrets in the workload's namespace could lay a key of their own there: only the recorded one is ours. */
const holdsRecordedPair = ({ status, handedOut }: Observed): boolean =>
  handedOut.is === 'different' &&
  handedOut.pair.is === 'found' &&
  identityOfSpki(handedOut.pair.value.spki) === status.identity

function nextStep(observed: Observed, now: Date): Step | undefined {
  const { identity, kept, imported, handedOut, enrolment } = observed
  if (!isRevocable(identity)) return { do: 'holdBack' }
  if (kept.is === 'missing')
    return { do: holdsRecordedPair(observed) ? 'takeBack' : imported?.is === 'found' ? 'import' : 'create' }
  const due = certificateViolation(observed, now)
  const issue = due && issueStep(observed, due, now)
  if (issue) return issue
  if (due && due.reason !== 'RenewalDue') return undefined
  if (enrolment.is === 'known' && !enrolment.waitsFor) {
    if (!enrolment.policy) return { do: 'writePolicy' }
    if (!enrolment.assigned) return { do: 'assignPolicy' }
  }
  if (obstacleAfter(observed)) return undefined
  return handedOut.is === 'current' ? undefined : { do: 'handOut' }
}

/** What an enrolled identity was allowed and is not any more (a grant, a path) is taken back, although nothing new is made for it. */
const mayDoTooMuch = ({ enrolment }: Observed, { reason }: Obstacle): boolean =>
  (reason === 'KeyNameInvalid' || reason === 'PolicyInvalid') &&
  enrolment.is === 'known' &&
  enrolment.waitsFor === undefined &&
  enrolment.assigned &&
  !enrolment.policy

/** The identity that is recorded stays so. It is forgotten only where the pair is gone everywhere: then another one is made. */
function recordedIdentity(observed: Observed, before: Obstacle | undefined): Pick<KesIdentityStatus, 'identity'> {
  const { status, kept, keptIdentity } = observed
  const gone = !before && kept.is === 'missing' && !holdsRecordedPair(observed)
  const identity = gone ? undefined : (status.identity ?? keptIdentity)
  return identity === undefined ? {} : { identity }
}

/** Nobody but the MinIO beside it can call a KES inside a pod. */
const byConfiguration = {
  reason: 'Configured',
  message: 'the configuration of the KES inside MinIO pods carries it; a first encrypted write is the first proof',
}

/** Of an imported pair only: whether somebody else will change its key, and so the identity, under whoever still uses that Secret. */
function withRekeying(
  conditions: readonly Condition[],
  { identity, importKeptBy }: Observed,
  now: Date,
): readonly Condition[] {
  const secret = identity.spec.importSecretRef?.name
  if (secret === undefined) return conditions
  const claim: Claim =
    importKeptBy === undefined
      ? {
          type: 'KeyChangesElsewhere',
          status: 'False',
          reason: 'NotManaged',
          message: `nobody renews the Secret ${secret}`,
        }
      : {
          type: 'KeyChangesElsewhere',
          status: 'True',
          reason: 'CertManager',
          message:
            `cert-manager keeps the Secret ${secret} (Certificate ${importKeptBy}) and makes a new key at each renewal unless it says ` +
            `rotationPolicy: Never: whoever still uses that Secret is refused then. Use the Secret ${identity.spec.secretName}`,
        }
  return withCondition(conditions, { ...claim, type: 'KeyChangesElsewhere' }, now, identity.metadata.generation)
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
  const issuer = issuerObstacle(observed, now)
  const after = issuer ?? obstacleAfter(observed)
  const how = enrolment.is === 'known' ? enrolment.call : undefined
  const succeeded = how === 'succeeded' || how === 'configured'
  const issued = say(
    observed.status.conditions ?? [],
    'Issued',
    kept.is === 'found' && !issuer,
    issuer ??
      (kept.is === 'found'
        ? { reason: 'Issued', message: 'there is a key pair with a valid certificate' }
        : { reason: 'Pending', message: 'there is no key pair yet' }),
  )
  const enrolled = say(
    issued,
    'Enrolled',
    succeeded,
    succeeded
      ? how === 'configured'
        ? byConfiguration
        : { reason: 'CallSucceeded', message: 'the key server made and opened a data key for this identity' }
      : (before ?? after ?? { reason: 'Pending', message: 'not enrolled yet' }),
  )
  const ready = succeeded && !before && handedOut.is === 'current'
  return say(
    withRekeying(enrolled, observed, now),
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
 * The order is the promise: it is held back from deletion before there is anything to revoke, the pair is kept before anybody enrols it, its policy exists before it is assigned (KES takes an unknown
 * policy without a word), a real call with it has succeeded before the workload's Secret is written, and a renewal never changes the key.
 */
export function plan(observed: Observed, now: Date): Plan<Step, KesIdentityStatus> {
  const { identity, status, keyServer, kept, keyName, enrolment } = observed
  if (identity.metadata.deletionTimestamp !== undefined) return planWithdrawal(observed, now)
  const before = obstacleBefore(observed)
  const { enrol: _, identity: __, ...rest } = status
  const next: KesIdentityStatus = {
    ...rest,
    keyName,
    ...(enrolment.is === 'known'
      ? enrolment.byHand
        ? { enrol: enrolment.byHand }
        : {}
      : status.enrol
        ? { enrol: status.enrol }
        : {}),
    ...(identity.metadata.generation === undefined ? {} : { observedGeneration: identity.metadata.generation }),
    ...recordedIdentity(observed, before),
    ...(kept.is === 'found' && keyServer
      ? {
          notAfter: kept.value.notAfter.toISOString(),
          renewalTime: renewalTimeOf(observed)?.toISOString(),
        }
      : {}),
    conditions: conditionsOf(observed, before, now),
  }
  if (before && mayDoTooMuch(observed, before)) return { status: next, step: { do: 'writePolicy' }, recheckMs: 0 }
  if (before) return { status: next, recheckMs: before.reason === 'KeyServerNotReady' ? pollMs : idleMs }
  const step = nextStep(observed, now)
  if (step) return { status: next, step, recheckMs: 0 }
  if (enrolment.is === 'known' && enrolment.waitsFor && enrolment.byHand) return { status: next, recheckMs: awaitedMs }
  return { status: next, recheckMs: observed.handedOut.is === 'current' ? idleMs : pollMs }
}
