import { enabled, labels } from '../../api/names.ts'
import { chooseKey } from '../../injection/keyChoice.ts'
import { inhabitantsOf, type Inhabitant, type Inhabitants } from '../explain/namespace.ts'
import { notAsked } from '../installation.ts'
import { valueOf } from '../seen.ts'
import type { Surroundings } from '../surroundings.ts'
import { note, problem, warning, type Finding } from '../told.ts'
import type { Plan } from './plan.ts'

/** Opts a namespace in. What is in it stays as it is: that is said object by object. Pure. */
export function planInjectNamespace(surroundings: Surroundings, found: Inhabitants): Plan {
  const { context, namespace } = surroundings
  const { name } = context.namespace
  if (valueOf(namespace)?.metadata.labels?.[labels.inject] === enabled)
    return { lines: [`The namespace ${name} opted in already.`], findings: [], action: undefined }
  const labelled = { ...context.namespace.labels, [labels.inject]: enabled }
  const optedIn = { ...surroundings, context: { ...context, namespace: { ...context.namespace, labels: labelled } } }
  const stillNot = notAsked({ metadata: { name, labels: labelled } }, surroundings.installation)
  const choice = chooseKey({}, optedIn.context)
  const inhabitants = inhabitantsOf(found, optedIn)
  const findings: readonly Finding[] = [
    ...surroundings.assumptions,
    ...(stillNot === undefined ? [] : [problem(`it would change nothing: ${stillNot}`)]),
    ...('outcome' in choice
      ? [problem(`nothing could be created there any more: ${choice.reason}: ${choice.sentence}`)]
      : []),
    ...inhabitants.flatMap(untouched),
  ]
  const blocked = findings.some(({ level }) => level === 'problem')
  return {
    lines: [
      `Label the namespace ${name} with ${labels.inject}=${enabled}.`,
      ...('outcome' in choice
        ? []
        : [
            `MinIO that is created there from then on uses the KeyServer ${choice.keyServer} and the key ${choice.keyName}.`,
          ]),
      ...(inhabitants.length === 0 ? [] : ['What is there already is not touched:']),
    ],
    findings,
    action: blocked
      ? undefined
      : { do: 'label', namespace: name, resourceVersion: valueOf(namespace)?.metadata.resourceVersion, value: enabled },
  }
}

function untouched({ kind, name, verdict }: Inhabitant): readonly Finding[] {
  if (kind === 'tenant' && verdict.reason === 'RunningTenant')
    return [note(`Tenant ${name} stays unconnected until it is adopted: kubectl kes inject tenant/${name}`)]
  if (kind === 'pod' && verdict.reason === 'Injected')
    return [note(`pod ${name} runs on without KES until it is created again`)]
  return [note(`${kind} ${name}: ${verdict.reason}: ${verdict.sentence}`)]
}

/** Opts a namespace out, and says what that does to whom. Pure. */
export function planUninjectNamespace(surroundings: Surroundings, inhabitants: Inhabitants): Plan {
  const { context, namespace } = surroundings
  const { name } = context.namespace
  if (valueOf(namespace)?.metadata.labels?.[labels.inject] === undefined)
    return { lines: [`The namespace ${name} did not opt in.`], findings: [], action: undefined }
  const connected = inhabitantsOf(inhabitants, surroundings).filter(({ verdict }) => isConnected(verdict))
  return {
    lines: [
      `Take the label ${labels.inject} from the namespace ${name}.`,
      'MinIO that is created there from then on gets no KES. Identity, Secret and keys stay.',
    ],
    findings: [
      ...surroundings.assumptions.filter(({ level }) => level === 'problem'),
      ...connected.map(({ kind, name: each }) =>
        kind === 'tenant'
          ? note(`Tenant ${each} stays connected: it could not read what it encrypted`)
          : warning(
              `pod ${each}: the next one that is created in its place has no KES and cannot read what this one encrypted, until the label is back`,
            ),
      ),
    ],
    action: {
      do: 'label',
      namespace: name,
      resourceVersion: valueOf(namespace)?.metadata.resourceVersion,
      value: null,
    },
  }
}

const isConnected = ({ reason }: { readonly reason: string }): boolean => reason === 'AlreadyInjected'
