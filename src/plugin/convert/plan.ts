import { apply, type Operation } from '../../injection/patch.ts'
import { memberAt } from '../../minio/shape.ts'
import { clientSecretName } from '../../api/names.ts'
import { endpointNamed, runsInPods } from '../../injection/endpoint.ts'
import { kesVariableOrder, kesVariables } from '../../minio/environment.ts'
import { hiddenFindings } from '../explain/hiddenFindings.ts'
import { patchWords } from '../explain/patchWords.ts'
import { askTenant } from '../explain/request.ts'
import { verdictOf } from '../explain/verdict.ts'
import { mounts } from '../restartTogether.ts'
import { valueOf } from '../seen.ts'
import { problem, warning, type Finding } from '../told.ts'
import { isCutOff, planChange, type Change } from './change.ts'
import { readHandMade, type HandMade } from './handMade.ts'
import type { Observed } from './observe.ts'
import { preconditions } from './preconditions.ts'

/** What a plan leads to. Each write is refused by the API server where the Tenant is not the one that was looked at. */
export type ConvertAction =
  | {
      readonly do: 'convert'
      readonly namespace: string
      readonly tenant: string
      readonly resourceVersion: string | undefined
      /** The lists of `spec` that change, whole: the CRD makes them atomic. */
      readonly spec: Readonly<Record<string, unknown>>
    }
  /** The Tenant is converted, and pods of before still run. */
  | { readonly do: 'restart'; readonly namespace: string; readonly tenant: string }

export interface ConvertPlan {
  readonly lines: readonly string[]
  readonly findings: readonly Finding[]
  readonly action: ConvertAction | undefined
  /** The exact change as JSON Patch, but for values of the user's, whose paths follow. */
  readonly change: readonly Operation[]
}

/** How a Tenant that was connected by hand becomes one of a KeyServer of ours, or why not. Pure. */
export function planConvert(observed: Observed): ConvertPlan {
  const { tenant, surroundings } = observed
  const { name } = tenant.subject
  const { context } = surroundings
  if (verdictOf(tenant.question, context).reason === 'AlreadyInjected') return planRest(observed)
  const handMade = readHandMade(tenant.stored)
  if ('why' in handMade) return refused(name, handMade.why)
  if (context.keyServer === 'unknown') return refused(name, 'the KeyServer of its namespace does not exist')
  if (runsInPods(context.keyServer))
    return refused(
      name,
      'its KeyServer runs KES inside MinIO pods (placement Sidecar), which a running Tenant cannot change to',
    )
  const change = planChange(tenant.stored, handMade, endpointNamed(context.keyServer.name, context))
  if ('why' in change) return refused(name, change.why)
  const findings = [
    ...preconditions(observed, handMade),
    ...warnings(observed, change),
    ...verdictAfter(observed, change),
  ]
  return {
    lines: linesOf(observed, handMade, change),
    findings,
    change: change.shown,
    action: findings.some(({ level }) => level === 'problem') ? undefined : actionOf(observed, change),
  }
}

const refused = (name: string, why: string): ConvertPlan => ({
  lines: [`Tenant ${name} is not converted.`],
  findings: [problem(why)],
  action: undefined,
  change: [],
})

/** A second time: only what is left of the first. */
function planRest({ tenant: { subject, pods }, surroundings }: Observed): ConvertPlan {
  const before = pods.filter(({ pod }) => !mounts(pod.spec, clientSecretName))
  const done = `Tenant ${subject.name} is connected to kes-injector already.`
  const namespace = surroundings.context.namespace.name
  return before.length === 0
    ? { lines: [done], findings: [], action: undefined, change: [] }
    : {
        lines: [done, `${before.length} of its pods still run as before: all ${pods.length} are deleted together.`],
        findings: [],
        action: { do: 'restart', namespace, tenant: subject.name },
        change: [],
      }
}

function linesOf(
  { tenant, surroundings, certificate }: Observed,
  handMade: HandMade,
  change: Change,
): readonly string[] {
  const { keyServer } = surroundings.context
  const { settings } = handMade
  return [
    `Tenant ${tenant.subject.name} is connected by hand to ${settings.endpoint}, with the key ${settings.keyName}.`,
    `It becomes one of the KeyServer ${keyServer === 'unknown' ? '?' : keyServer.name}. The key stays, and so does everything else in it but this:`,
    ...change.gone.map(({ name, index }) => `  - the entry ${name} (client-${index}) goes`),
    ...change.kept.map(
      ({ name, index }) => `  - the entry ${name} (client-${index}) stays: something else in the Tenant uses its files`,
    ),
    `  - the entry ${clientSecretName} is client-${change.ours.index}, and the five variables of KES name its files`,
    ...change.moved.map(({ name, index, to }) => `  - the entry ${name} moves from client-${index} to client-${to}`),
    ...change.follow.map((what) => `  - the path in ${what} follows`),
    'The exact change:',
    ...patchWords(change.shown).map((each) => `  + ${each}`),
    `Then, as soon as the operator has changed the templates, its ${tenant.pods.length} pods are deleted together. MinIO is away until they are back ` +
      '(measured with four servers: 11 seconds).',
    `When objects of before can be read, the Secret ${certificate.secret} and that of the former server’s certificate are needed no more.`,
  ]
}

/** What nobody here can look at, or what stands where it is not changed. */
function warnings({ tenant, surroundings }: Observed, change: Change): readonly Finding[] {
  const { hidden, outOfSight } = tenant
  const ours = new Map(kesVariableOrder.map((which) => [kesVariables[which], change.settings[which]]))
  const texts = hidden.flatMap(([{ kind, name }, seen]) =>
    Object.entries(valueOf(seen) ?? {}).map(([entry, text]) => ({ place: `${kind} ${name}, ${entry}`, text })),
  )
  const moved = change.moved.map(({ name }) => name).join(', ')
  return [
    ...(surroundings.notAsked === undefined
      ? []
      : [
          warning(
            `nobody would keep it connected: ${surroundings.notAsked}. Better: kubectl kes inject namespace/${surroundings.context.namespace.name} first`,
          ),
        ]),
    ...hidden.flatMap(([source, seen]) => hiddenFindings(source, seen, ours)),
    ...outOfSight.map(warning),
    ...texts
      .filter(({ text }) => isCutOff(text, change))
      .map(({ place }) =>
        problem(`${place}: names files of an entry that goes or moves. It is not changed here: take that out of there`),
      ),
    ...(moved === ''
      ? []
      : [
          warning(
            `other paths for ${moved}: what is set in MinIO itself (mc admin config) is not seen here. Where it names /tmp/certs/client-…, set it anew`,
          ),
        ]),
  ]
}

const resultOf = ({ tenant }: Observed, { operations }: Change): unknown => apply(tenant.stored, operations)

/** The webhook's own decision about the result: a change that it would not take for a complete connection is none. */
function verdictAfter(observed: Observed, change: Change): readonly Finding[] {
  const { tenant, surroundings } = observed
  const { context } = surroundings
  const after = verdictOf(askTenant(resultOf(observed, change), tenant.stored, context.namespace.name), context)
  switch (after.reason) {
    case 'AlreadyInjected':
      return []
    case 'OptedOut':
      return [
        warning(
          'the Tenant is annotated kes-injector.io/inject: disabled. It is converted; take the annotation away, so that it is repaired where somebody drops our entries',
        ),
      ]
    // Said before, with what to do.
    case 'KeyNameInvalid':
      return []
    default:
      return [problem(`the webhook would not take the result for connected: ${after.reason}: ${after.sentence}`)]
  }
}

function actionOf(observed: Observed, change: Change): ConvertAction {
  const { tenant, surroundings } = observed
  const result = memberAt(resultOf(observed, change), 'spec')
  const lists = new Set(change.operations.map(({ path }) => path.split('/')[2] ?? ''))
  return {
    do: 'convert',
    namespace: surroundings.context.namespace.name,
    tenant: tenant.subject.name,
    resourceVersion: tenant.stored?.metadata.resourceVersion,
    spec: Object.fromEntries([...lists].map((name) => [name, memberAt(result, name)])),
  }
}
