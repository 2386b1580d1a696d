import type { KeyServer } from '../../api/keyServer.ts'
import { operatorRunsKes } from '../../minio/tenant.ts'
import { conditionsSaid } from '../conditionsSaid.ts'
import { oneLine } from '../columns.ts'
import type { Seen } from '../seen.ts'
import type { Surroundings } from '../surroundings.ts'
import { findingLines, isWell, note, problem, warning, type Finding, type Told } from '../told.ts'
import { hiddenFindings } from './hiddenFindings.ts'
import { identityFindings } from './identityFindings.ts'
import type { ObservedObject } from './observe.ts'
import { podFindings } from './podFindings.ts'
import { askAdoption, askPod } from './request.ts'
import { verdictOf, type Verdict } from './verdict.ts'

/** The decision about an object: what is, and for a Tenant that is not adopted what adoption would do. */
export interface Decided {
  readonly verdict: Verdict
  readonly adoption: Verdict | undefined
}

export function decideObject({ question }: Pick<ObservedObject, 'question'>, { context }: Surroundings): Decided {
  const verdict = verdictOf(question, context)
  const adoption = verdict.reason === 'RunningTenant' ? verdictOf(askAdoption(question), context) : undefined
  return { verdict, adoption }
}

/** Explains one object. `keyServer`: of its connection. Pure. */
export function tellObject(
  observed: ObservedObject,
  surroundings: Surroundings,
  decided: Decided,
  keyServer: Seen<KeyServer> | undefined,
  now: Date,
): Told {
  const { subject, from } = observed
  const { verdict, adoption } = decided
  const findings = findingsOf(observed, surroundings, decided, keyServer, now)
  const name = subject.name === '' ? '(no name)' : subject.name
  const text = [
    `${subject.kind}/${name} in namespace ${surroundings.context.namespace.name}, as ${from === 'file' ? 'the file has it' : 'it is stored'}`,
    ...(surroundings.notAsked === undefined
      ? []
      : ['', `The webhook is not asked: ${surroundings.notAsked}.`, 'Were it asked:']),
    '',
    ...verdictLines(verdict),
    ...(adoption ? ['', ...verdictLines(adoption)] : []),
    ...(findings.length === 0 ? [] : ['', ...findingLines(findings)]),
  ]
  const data = {
    kind: subject.kind,
    name: subject.name,
    namespace: surroundings.context.namespace.name,
    from,
    notAsked: surroundings.notAsked,
    verdict: verdictData(verdict),
    adoption: adoption && verdictData(adoption),
    findings,
  }
  return { text: text.map(oneLine), data, ok: isWell(findings) }
}

const outcomes = { inject: 'connected', skip: 'left alone', deny: 'refused' } as const

function verdictLines({ asked, outcome, reason, sentence, changes, notes, connection }: Verdict): readonly string[] {
  return [
    `${asked}: ${outcomes[outcome]}, by the rule ${reason}`,
    `  ${sentence}`,
    ...changes.map((each) => `  + ${each}`),
    ...notes.map((each) => `  note: ${each}`),
    ...(connection
      ? [
          `  ${outcome === 'inject' ? 'its key server is then' : 'its key server is'} ${connection.keyServer}, its key ${connection.keyName}`,
        ]
      : []),
  ]
}

const verdictData = ({ asked, outcome, reason, sentence, changes, notes, connection }: Verdict) => ({
  asked,
  outcome,
  reason,
  sentence,
  changes,
  notes,
  keyServer: connection?.keyServer,
  keyName: connection?.keyName,
})

function findingsOf(
  observed: ObservedObject,
  surroundings: Surroundings,
  { verdict, adoption }: Decided,
  keyServer: Seen<KeyServer> | undefined,
  now: Date,
): readonly Finding[] {
  const { hidden, outOfSight, pods, events, tenantSecrets } = observed
  const { context, identity, secret, notAsked, installation } = surroundings
  const later = adoption ?? verdict
  const connected = verdict.connection !== undefined && (verdict.outcome !== 'inject' || notAsked === undefined)
  const ours = operatorRunsKes(later.result) ? new Map<string, string>() : (later.connection?.variables ?? new Map())
  const policyMode = installation.mutatingPolicy.is === 'found' && installation.webhookConfiguration.is !== 'found'
  return [
    ...surroundings.assumptions,
    ...(verdict.outcome === 'deny' && notAsked === undefined ? [problem(verdict.sentence)] : []),
    ...(policyMode
      ? [
          note(
            'a policy connects objects here, not the webhook (injection.mode: Policy): see docs/how-to/policy-mode.md',
          ),
        ]
      : []),
    ...hidden.flatMap(([source, seen]) => hiddenFindings(source, seen, ours)).map(connected ? asItIs : onceConnected),
    ...outOfSight.map(warning),
    ...(connected ? identityFindings(context.namespace.name, identity, secret, now) : []),
    ...(connected ? keyServerFindings(verdict.connection.keyServer, keyServer) : []),
    ...tenantSecrets.flatMap(([name, { is }]) =>
      is === 'missing' ? [warning(`the Secret ${name} is not there`)] : [],
    ),
    ...(notAsked === undefined ? unconnectedPods(observed, surroundings) : []),
    ...pods.flatMap((each) => podFindings(each, events)),
  ]
}

const asItIs = (finding: Finding): Finding => finding

const onceConnected = ({ level, text }: Finding): Finding =>
  level === 'problem' ? warning(`once it is connected: ${text}`) : { level, text }

function keyServerFindings(name: string, seen: Seen<KeyServer> | undefined): readonly Finding[] {
  if (seen?.is === 'missing') return [problem(`there is no KeyServer ${name}`)]
  return seen?.is === 'found' ? conditionsSaid(`KeyServer ${name}`, seen.value.status?.conditions) : []
}

/** Pods that were created before the label, and so write without KES until they are created again. */
function unconnectedPods({ pods, subject }: ObservedObject, { context }: Surroundings): readonly Finding[] {
  if (subject.kind === 'tenant') return []
  return pods
    .filter(({ pod }) => verdictOf(askPod(pod, context.namespace.name), context).reason === 'Injected')
    .map(({ pod }) =>
      problem(
        `pod ${pod.metadata.name}: runs without KES, because nothing connected it when it was created: delete it, so that it is created again`,
      ),
    )
}
