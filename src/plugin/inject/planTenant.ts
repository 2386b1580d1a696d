import { isTrue } from '../../api/conditions.ts'
import { annotations, clientSecretName, disabled, enabled } from '../../api/names.ts'
import { operatorRunsKes } from '../../minio/tenant.ts'
import { hiddenFindings } from '../explain/hiddenFindings.ts'
import type { ObservedObject } from '../explain/observe.ts'
import { askAdoption } from '../explain/request.ts'
import { verdictOf } from '../explain/verdict.ts'
import type { Surroundings } from '../surroundings.ts'
import { problem, warning, type Finding } from '../told.ts'
import type { Action, Plan } from './plan.ts'

/** Adopts a Tenant that runs: only where nothing is known to go wrong, since its pods all restart. Pure. */
export function planInjectTenant(observed: ObservedObject, surroundings: Surroundings): Plan {
  const { subject, question, pods, hidden } = observed
  const { context, notAsked } = surroundings
  const now = verdictOf(question, context)
  const adopted = verdictOf(askAdoption(question), context)
  if (now.reason === 'AlreadyInjected')
    return { lines: [`Tenant ${subject.name} is connected already.`], findings: [], action: undefined }
  const operators = operatorRunsKes(adopted.result)
  const ours = operators ? new Map<string, string>() : (adopted.connection?.variables ?? new Map<string, string>())
  const findings: readonly Finding[] = [
    ...surroundings.assumptions,
    ...(notAsked === undefined ? [] : [problem(`nobody would connect it: ${notAsked}`)]),
    ...(adopted.outcome === 'inject' ? [] : [problem(`${adopted.reason}: ${adopted.sentence}`)]),
    ...hidden.flatMap(([source, seen]) => hiddenFindings(source, seen, ours)),
    ...observed.outOfSight.map(warning),
    ...(operators ? [] : identityObstacles(surroundings)),
  ]
  const blocked = findings.some(({ level }) => level === 'problem')
  return {
    lines: [
      `Annotate the Tenant ${subject.name} with ${annotations.inject}: ${enabled}. The webhook then writes:`,
      ...adopted.changes.map((each) => `  + ${each}`),
      operators
        ? 'Then KES and MinIO need a restart together, which you ask for: see docs/how-to/tenant-with-its-own-kes.md.'
        : `Then, as soon as the operator has changed the templates, delete its ${pods.length} pods together. MinIO is away until they are back ` +
          '(measured with four servers: 11 seconds). One after the other would take a minute, with a third of the requests failing.',
      'From then on this MinIO needs KES for good: it seals its own configuration and users with it as well.',
    ],
    findings,
    action: blocked ? undefined : annotate(observed, surroundings, enabled, operators ? undefined : clientSecretName),
  }
}

/** Pods that find no Secret, or one that is refused, stop: better not to begin. */
function identityObstacles({ identity, secret, context }: Surroundings): readonly Finding[] {
  const { name } = context.namespace
  if (identity.is === 'found' && !isTrue(identity.value.status?.conditions, 'Ready'))
    return [problem(`the identity of ${name} is not Ready: kubectl kes explain namespace/${name}`)]
  return [
    ...(identity.is === 'missing' ? [problem(`there is no KesIdentity ${clientSecretName} in ${name} yet`)] : []),
    ...(secret.is === 'missing' ? [problem(`the Secret ${clientSecretName} is not in ${name} yet`)] : []),
  ]
}

/** Opts a Tenant out, which only one that is not connected can be. Pure. */
export function planUninjectTenant(observed: ObservedObject, surroundings: Surroundings): Plan {
  const { name } = observed.subject
  const { reason } = verdictOf(observed.question, surroundings.context)
  if (reason === 'OptedOut') return { lines: [`Tenant ${name} is opted out already.`], findings: [], action: undefined }
  // A connected Tenant is repaired or complete; whatever else it is, nothing of ours is in it.
  if (reason === 'AlreadyInjected' || reason === 'Repaired')
    return {
      lines: [`Tenant ${name} is connected, and stays so.`],
      findings: [
        problem(
          `what it encrypted, its own users and configuration among it, can be read with KES only: a Tenant that is disconnected has lost ` +
            `them. If that is what you want, annotate it yourself with ${annotations.inject}: ${disabled} and ` +
            `${annotations.confirmDelete}: ${name}, and take our entries out of it: see docs/how-to/opt-in-and-out.md`,
        ),
      ],
      action: undefined,
    }
  return {
    lines: [`Annotate the Tenant ${name} with ${annotations.inject}: ${disabled}: it is never connected then.`],
    findings: [],
    action: annotate(observed, surroundings, disabled, undefined),
  }
}

const annotate = (
  { subject, stored }: ObservedObject,
  { context }: Surroundings,
  value: string,
  restartFor: string | undefined,
): Action => ({
  do: 'annotate',
  namespace: context.namespace.name,
  tenant: subject.name,
  resourceVersion: stored?.metadata.resourceVersion,
  value,
  restartFor,
})
