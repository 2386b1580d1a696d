import { withCondition, type Condition, type ConditionType } from '../../api/conditions.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import { no, yes, type Said } from '../keyServer/claim.ts'
import { issuedElsewhere } from '../keyServer/servedCertificate.ts'
import { heldBack } from './heldBack.ts'
import type { Loss } from './losses.ts'
import type { Observed, Replica } from './observed.ts'

/** Kubelets sync within two minutes on their own; what is not loaded after this was not taken. */
const loadingMs = 3 * 60_000

const few = (names: readonly string[]): string => `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`

function whyNot({ pod, facts, server }: Replica): string {
  const why = server.is === 'unreachable' ? server.why : 'it does not run yet'
  return `${pod}: ${facts?.problem ?? why}`
}

/** One that answers is enough for MinIO: the Service leads to it. */
function serving({ replicas, keystore, written }: Observed): Said {
  const silent = replicas.filter(({ server }) => server.is !== 'answering')
  if (silent.length === 0)
    return yes('Serving', 'Answering', `${replicas.length} of ${replicas.length} replicas answer over mutual TLS`)
  if (silent.length < replicas.length)
    return yes(
      'Serving',
      'SomeAnswering',
      `${replicas.length - silent.length} of ${replicas.length} replicas answer; ${silent.map(whyNot).join('; ')}`,
    )
  if (!written && keystore.is !== 'good') return no('Serving', 'NoConfiguration', keystore.why)
  return no('Serving', 'Unreachable', silent.map(whyNot).join('; '))
}

const keystoreValid = ({ keystore }: Observed): Said =>
  keystore.is === 'good'
    ? yes('KeystoreValid', 'Valid', `the key store is ${keystore.kind}`)
    : no('KeystoreValid', keystore.is === 'missing' ? 'SecretMissing' : 'Invalid', keystore.why)

function keystoreReachable({ replicas }: Observed): Said | undefined {
  const answering = replicas.filter(({ server }) => server.is === 'answering')
  if (answering.length === 0) return undefined
  const without = answering.flatMap(({ pod, server }) =>
    server.is === 'answering' && !server.keystoreReachable ? pod : [],
  )
  return without.length === 0
    ? yes('KeystoreReachable', 'Reachable', 'every replica that answers reaches its key store')
    : no(
        'KeystoreReachable',
        'KeystoreUnreachable',
        `${few(without)} cannot reach the key store: keys that it remembers go on working until spec.server.cache.offline is over`,
      )
}

function configurationLoaded(observed: Observed, formerly: readonly Condition[], now: Date): Said {
  const { written, replicas, keystore, leftOut } = observed
  if (!written)
    return no('ConfigurationLoaded', 'Pending', keystore.is === 'good' ? 'it is not written yet' : keystore.why)
  const waiting = replicas.flatMap(({ pod, server }) =>
    server.is === 'answering' && server.loaded !== written.hash ? pod : [],
  )
  if (waiting.length > 0) {
    const since = formerly.find(({ type, status }) => type === 'ConfigurationLoaded' && status === 'False')
    const late = since !== undefined && now.getTime() - new Date(since.lastTransitionTime).getTime() > loadingMs
    return late
      ? no(
          'ConfigurationLoaded',
          'NotTaken',
          `${few(waiting)} did not take it and goes on with the former one: its log says why (kubectl logs -c kes)`,
        )
      : no('ConfigurationLoaded', 'Loading', `until ${few(waiting)} has loaded it`)
  }
  if (heldBack(observed) && written.differs)
    return no(
      'ConfigurationLoaded',
      'HeldBack',
      'a newer one waits until the key store is back: a KES that reloads forgets the keys it remembers',
    )
  const answering = replicas.filter(({ server }) => server.is === 'answering').length
  if (answering === 0) return no('ConfigurationLoaded', 'Unknown', 'no replica answers')
  if (leftOut.length > 0) return yes('ConfigurationLoaded', 'SomeLeftOut', `loaded, without ${few(leftOut)}`)
  return yes('ConfigurationLoaded', 'Loaded', `${answering} of ${replicas.length} replicas have loaded ${written.hash}`)
}

const initialized = ({ initializedAt }: KeyServerStatus): Said =>
  initializedAt === undefined
    ? no('Initialized', 'Pending', 'no key was seen in its key store yet')
    : yes('Initialized', 'Initialized', `first seen with its key store at ${initializedAt}`)

function keysPresent({ wantedKeys, refusedKeys }: Observed, { keys = [] }: KeyServerStatus): Said {
  if (refusedKeys.length > 0)
    return no('KeysPresent', 'NameRefused', `KES takes no name that begins or ends with "-": ${few(refusedKeys)}`)
  const awaited = wantedKeys.filter((key) => !keys.includes(key))
  return awaited.length === 0
    ? yes('KeysPresent', 'Present', `${keys.length} keys were seen`)
    : no('KeysPresent', 'Creating', `waiting for ${few(awaited)}`)
}

function hazards({ keyServer, keystore }: Observed): readonly Said[] {
  const single = keyServer.spec.server?.replicas === 1
  return [
    ...(keystore.is === 'good'
      ? [
          keystore.kind === 'fs'
            ? yes('KeysInClear', 'Filesystem', 'keystore.fs holds the keys in clear on its volume: for tests only')
            : no('KeysInClear', 'Elsewhere', 'the keys lie in a key management system'),
        ]
      : []),
    single
      ? yes(
          'SingleReplica',
          'One',
          'there is one replica: its restart is a pause, and the loss of its node a longer one',
        )
      : no('SingleReplica', 'Several', `there are ${keyServer.spec.server?.replicas} replicas`),
  ]
}

/** What must be so before anybody new can use it. */
const needed: readonly ConditionType[] = ['Serving', 'KeystoreValid', 'Initialized', 'KeystoreReachable']

function ready(claimed: readonly Said[]): Said {
  const stalled = claimed.find(({ type, status }) => type === 'Stalled' && status === 'True')
  if (stalled) return no('Ready', stalled.reason, stalled.message)
  const obstacle = claimed.find(({ type, status }) => needed.includes(type) && status !== 'True')
  if (obstacle) return no('Ready', obstacle.reason, obstacle.message)
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
  const formerly = observed.status.conditions ?? []
  const claimed = [
    serving(observed),
    keystoreValid(observed),
    keystoreReachable(observed),
    configurationLoaded(observed, formerly, now),
    initialized(record),
    keysPresent(observed, record),
    issuedElsewhere(observed),
    lost
      ? yes('Stalled', lost.reason, lost.message)
      : no('Stalled', 'NothingLost', 'everything that was ever recorded is there'),
    ...hazards(observed),
  ].filter((claim) => claim !== undefined)
  return [...claimed, ready(claimed)].reduce(
    (conditions, claim) => withCondition(conditions, claim, now, generation),
    formerly,
  )
}
