import { withCondition, type Condition } from '../../api/conditions.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import { no, yes, type Said } from '../keyServer/claim.ts'
import { authorityEnding, keyCreation, notBackedUp, predictable, singleReplica } from './hazards.ts'
import { issuedElsewhere } from '../keyServer/servedCertificate.ts'
import type { Loss } from './losses.ts'
import type { Observed } from './observed.ts'
import type { Refusal } from './refusals.ts'

/** What keeps the pod from running; after a change of the image the way back is said as well, for the image says it in words of its own. */
function problemOf({ pod, keyServer, status }: Observed): string | undefined {
  const image = keyServer.spec.stateful?.image
  if (pod?.problem === undefined || image === undefined || status.initializedAt === undefined) return pod?.problem
  return `${pod.problem} (image ${image}; with spec.stateful.image as it was before, the pod is replaced again)`
}

function serving(observed: Observed): Said {
  const { server } = observed
  switch (server.is) {
    case 'answering':
      return yes('Serving', 'Answering', 'the server answers its administrator over mutual TLS')
    case 'unreachable':
      return no('Serving', 'Unreachable', problemOf(observed) ?? server.why)
    case 'absent':
      return no('Serving', 'NoPod', problemOf(observed) ?? 'the pod of the key server does not run yet')
  }
}

const initialized = ({ initializedAt }: KeyServerStatus): Said =>
  initializedAt === undefined
    ? no('Initialized', 'Pending', 'the server was not seen with its data yet')
    : yes('Initialized', 'Initialized', `first seen with its data at ${initializedAt}`)

function keysPresent({ server, wantedKeys }: Observed, { keys = [] }: KeyServerStatus): Said | undefined {
  if (server.is !== 'answering') return undefined
  const [next, ...more] = wantedKeys.filter((key) => !keys.includes(key))
  if (next === undefined) return yes('KeysPresent', 'Present', `${keys.length} keys are there`)
  const there = wantedKeys.length - more.length - 1
  return no('KeysPresent', 'Creating', `${there} of ${wantedKeys.length}, next ${next}`)
}

function keysWarm({ server }: Observed): Said {
  if (server.is === 'answering')
    return yes('KeysWarm', 'Loaded', `${server.keys.length} keys were loaded since KES started at ${server.startedAt}`)
  return server.is === 'unreachable' && server.loading
    ? no('KeysWarm', 'Loading', server.why)
    : no('KeysWarm', 'NotAsked', 'the server does not answer')
}

function ready(claimed: readonly Said[], conditions: readonly Condition[], accepted: boolean): Said {
  const stalled = claimed.find(({ type, status }) => type === 'Stalled' && status === 'True')
  if (stalled) return no('Ready', stalled.reason, stalled.message)
  const obstacle = claimed.find(({ type, status }) => ['Serving', 'Initialized'].includes(type) && status !== 'True')
  if (obstacle) return no('Ready', obstacle.reason, obstacle.message)
  const known = conditions.some(({ type, status }) => type === 'DataKeysPredictable' && status === 'True')
  if (known && !accepted)
    return no('Ready', 'DataKeysPredictable', 'no identity is handed out: its data keys can be computed by anyone')
  return yes('Ready', 'Ready', 'namespaces can use it')
}

/** The conditions of a KeyServer as of now, from what was observed. */
export function claims(
  observed: Observed,
  record: KeyServerStatus,
  stop: Loss | Refusal | undefined,
  now: Date,
): readonly Condition[] {
  const generation = observed.keyServer.metadata.generation
  const say = (conditions: readonly Condition[], claim: Said) => withCondition(conditions, claim, now, generation)
  const first = [
    serving(observed),
    initialized(record),
    keysPresent(observed, record),
    keysWarm(observed),
    stop
      ? yes('Stalled', stop.reason, stop.message)
      : no('Stalled', 'NothingLost', 'everything that was ever recorded is there'),
    predictable(observed),
    keyCreation(observed),
    notBackedUp(observed, record),
    authorityEnding(observed, now),
    issuedElsewhere(observed),
    singleReplica,
  ].filter((claim) => claim !== undefined)
  const conditions = first.reduce(say, observed.status.conditions ?? [])
  return say(conditions, ready(first, conditions, observed.keyServer.spec.stateful?.acceptPredictableDataKeys ?? false))
}
