import { annotations, disabled, enabled } from '../api/names.ts'
import { annotationOf, textAt } from '../minio/shape.ts'
import { operatorKeyName, operatorRunsKes } from '../minio/tenant.ts'
import type { AdmissionRequest } from './context.ts'
import { inject, skip, type Decision } from './decision.ts'
import { injectAnnotationNotes, keptNote } from './notes.ts'
import { isComplete, readOperatorKes, type OperatorKesFacts } from './operatorKesFacts.ts'
import { planOperatorKes } from './operatorKesPlan.ts'

interface OperatorKesCase {
  readonly request: AdmissionRequest
  readonly tenant: unknown
  /** The Tenant as it is stored; undefined at its creation. */
  readonly stored: unknown
  readonly facts: OperatorKesFacts
  readonly former: OperatorKesFacts | undefined
}

type Rule = (input: OperatorKesCase) => Decision | undefined

// The operator would make certificates of its own in place of ours, and with them another identity: KES would refuse MinIO at once.
const optedOut: Rule = ({ tenant, former, request }) => {
  if (annotationOf(tenant, annotations.inject) !== disabled) return undefined
  const letGo = annotationOf(tenant, annotations.confirmDelete) === request.name
  return former?.connected && !letGo ? undefined : skip('OptedOut')
}

const userManagedKms: Rule = ({ facts: { otherKms } }) =>
  otherKms ? skip('UserManagedKms', `${otherKms.name} is set in spec.env`) : undefined

const usersCertificates: Rule = ({ facts: { usersOwn } }) =>
  usersOwn === undefined ? undefined : skip('OperatorRunsKes', usersOwn)

const alreadyInjected: Rule = ({ facts }) => (isComplete(facts) ? skip('AlreadyInjected') : undefined)

// Another client certificate is another identity: KES restarts and refuses MinIO until MinIO has restarted as well (measured).
const runningTenant: Rule = ({ stored, former, tenant }) =>
  stored !== undefined && !former?.connected && annotationOf(tenant, annotations.inject) !== enabled
    ? skip('RunningTenant')
    : undefined

/** First answer wins: what the user said, what is theirs, what is there already. */
const rules: readonly Rule[] = [optedOut, userManagedKms, usersCertificates, alreadyInjected, runningTenant]

/**
 * Decides about a Tenant whose KES the operator runs (`spec.kes`): it is connected to no KeyServer of ours; it gets certificates that
 * are renewed, in place of those that the operator makes once and never again.
 */
export function decideOperatorKes(request: AdmissionRequest): Decision {
  const stored = request.operation === 'UPDATE' ? (request.oldObject ?? {}) : undefined
  const former = operatorRunsKes(stored) ? readOperatorKes(stored) : undefined
  const tenant = request.object
  const facts = readOperatorKes(tenant, former)
  if (!facts) return skip('Malformed', 'spec.kes, an env or spec.externalCaCertSecret has not the shape of the CRD')
  const input: OperatorKesCase = { request, tenant, stored, facts, former }
  for (const rule of rules) {
    const answer = rule(input)
    if (answer) return answer
  }
  const summary = {
    keyServer: `${request.name}-kes`,
    keyName: textAt(tenant, 'spec', 'kes', 'keyName') || operatorKeyName,
  }
  const notes = injectAnnotationNotes(tenant)
  if (former?.connected) {
    const kept = annotationOf(tenant, annotations.inject) === disabled ? [keptNote] : []
    return inject('Repaired', planOperatorKes(facts), summary, [...notes, ...kept])
  }
  const adopted = stored === undefined ? [] : [adoptedNote]
  return inject('OperatorKesConnected', planOperatorKes(facts), summary, [...notes, ...adopted])
}

const adoptedNote = 'KES and MinIO restart with a new identity now: delete all their pods together'
