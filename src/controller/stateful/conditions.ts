import { withCondition, type Claim, type Condition, type ConditionType } from '../../api/conditions.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import type { Loss } from './losses.ts'
import type { Observed } from './observed.ts'

type Said = Claim & { readonly type: ConditionType }

const yes = (type: ConditionType, reason: string, message: string): Said => ({ type, status: 'True', reason, message })
const no = (type: ConditionType, reason: string, message: string): Said => ({ type, status: 'False', reason, message })

function serving({ server, pod }: Observed): Said {
  switch (server.is) {
    case 'answering':
      return yes('Serving', 'Answering', 'the server answers its administrator over mutual TLS')
    case 'unreachable':
      return no('Serving', 'Unreachable', pod?.problem ?? server.why)
    case 'absent':
      return no('Serving', 'NoPod', pod?.problem ?? 'the pod of the key server does not run yet')
  }
}

const initialized = ({ initializedAt }: KeyServerStatus): Said =>
  initializedAt === undefined
    ? no('Initialized', 'Pending', 'the server was not seen with its data yet')
    : yes('Initialized', 'Initialized', `first seen with its data at ${initializedAt}`)

function keysPresent({ server, wantedKeys }: Observed, { keys = [] }: KeyServerStatus): Said | undefined {
  if (server.is !== 'answering') return undefined
  const awaited = wantedKeys.filter((key) => !keys.includes(key))
  return awaited.length === 0
    ? yes('KeysPresent', 'Present', `${keys.length} keys are there`)
    : no('KeysPresent', 'Creating', `waiting for ${awaited.slice(0, 3).join(', ')}${awaited.length > 3 ? ' …' : ''}`)
}

/** Said once, from the first data key after the first start; an unknown answer claims nothing. */
function predictable({ server }: Observed): Said | undefined {
  if (server.is !== 'answering' || server.predictableDataKeys === undefined) return undefined
  return server.predictableDataKeys
    ? yes(
        'DataKeysPredictable',
        'KnownSequence',
        'the first data key is the well-known one: use an image built with Go 1.20 or later',
      )
    : no('DataKeysPredictable', 'Unpredictable', 'the first data key is not the well-known one')
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
  lost: Loss | undefined,
  now: Date,
): readonly Condition[] {
  const generation = observed.keyServer.metadata.generation
  const say = (conditions: readonly Condition[], claim: Said) => withCondition(conditions, claim, now, generation)
  const first = [
    serving(observed),
    initialized(record),
    keysPresent(observed, record),
    predictable(observed),
    lost
      ? yes('Stalled', lost.reason, lost.message)
      : no('Stalled', 'NothingLost', 'everything that was ever recorded is there'),
    yes('SingleReplica', 'Stateful', 'a stateful KES runs once: its restart is a short pause'),
  ].filter((claim) => claim !== undefined)
  const conditions = first.reduce(say, observed.status.conditions ?? [])
  return say(conditions, ready(first, conditions, observed.keyServer.spec.stateful?.acceptPredictableDataKeys ?? false))
}
