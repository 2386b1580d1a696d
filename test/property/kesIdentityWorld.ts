import type { KeyObject } from 'node:crypto'
import { annotations, revocationFinalizer } from '../../src/api/names.ts'
import type { KesIdentityStatus } from '../../src/api/kesIdentity.ts'
import type { KeyServerStatus } from '../../src/api/keyServer.ts'
import { broken, found, missing, type Found, type StoredPair } from '../../src/controller/found.ts'
import type { Enrolment, HandedOut, Observed, Withdrawal } from '../../src/controller/kesIdentity/observed.ts'
import type { Step } from '../../src/controller/kesIdentity/plan.ts'
import { identityOfSpki } from '../../src/kes/identity.ts'
import { generatePrivateKey } from '../../src/pki/privateKey.ts'
import { kesIdentity } from '../unit/controller/identities.ts'
import { keyServer } from '../unit/controller/keyServers.ts'
import { after, dayMs, newAuthority, storedLeaf } from '../unit/controller/pairs.ts'

/** One key pair: whose key, which authority's certificate, from which day. Or something that nobody can read. */
export interface PairModel {
  readonly key: number
  readonly authority: number
  readonly issuedOnDay: number
}
type Stored = PairModel | 'unreadable'

/** What KES keeps of identities and policies. */
interface Kes {
  readonly reachable: boolean
  readonly policy: 'missing' | 'outdated' | 'current'
  /** Keys (identities) that have the policy of this identity. */
  readonly assigned: readonly number[]
  /** Keys that some replica still lets in although nothing lists them. */
  readonly stale: readonly number[]
  readonly hasKey: boolean
  /** It answers a real call with a refusal, whatever it says of policy and identity. */
  readonly refuses: boolean
}

/** Everything there is of one identity. */
export interface World {
  readonly day: number
  readonly status: KesIdentityStatus
  readonly kept: Stored | undefined
  readonly handedOut: Stored | 'foreign' | undefined
  readonly kes: Kes
  /** The KeyServer was deleted. */
  readonly serverGone: boolean
  readonly finalizer: boolean
  /** Deletion was asked for: the object lives on until its finalizer is gone. */
  readonly deleting: boolean
  readonly gone: boolean
  /** A person said not to wait for the key server. */
  readonly skip: boolean
  /** Since which day nobody answers. */
  readonly silentSince: number | undefined
  /** Since which day it is known that it shall be deleted. */
  readonly deletedOn: number | undefined
  /** Keys that were withdrawn at the key server. */
  readonly withdrawn: readonly number[]
  readonly serverReady: boolean
  readonly admitted: boolean
  /** The authority that issues now. */
  readonly authority: number
  /** How many keys were made: each gets the next number. */
  readonly made: number
}

export const nothingYet: World = {
  day: 0,
  status: {},
  kept: undefined,
  handedOut: undefined,
  kes: { reachable: true, policy: 'missing', assigned: [], stale: [], hasKey: true, refuses: false },
  serverGone: false,
  finalizer: false,
  deleting: false,
  gone: false,
  skip: false,
  silentSince: undefined,
  deletedOn: undefined,
  withdrawn: [],
  serverReady: true,
  admitted: true,
  authority: 0,
  made: 0,
}

const dateOf = (day: number): Date => after(day * dayMs)
export const clockOf = ({ day }: World): Date => after(60_000, dateOf(day))

// Real certificates, each made once: making them is what takes time.
const authorities = [newAuthority(after(1_000)), newAuthority(after(2_000))] as const
const authorityAt = (index: number) => (index === 0 ? authorities[0] : authorities[1])
const keys = new Map<number, KeyObject>()
const pairs = new Map<string, StoredPair>()
function remembered<K, V>(store: Map<K, V>, key: K, make: () => V): V {
  const value = store.get(key) ?? make()
  store.set(key, value)
  return value
}
const keyOf = (key: number): KeyObject => remembered(keys, key, generatePrivateKey)
const pairOf = ({ key, authority, issuedOnDay }: PairModel): StoredPair =>
  remembered(pairs, `${key} ${authority} ${issuedOnDay}`, () =>
    storedLeaf(authorityAt(authority), { key: keyOf(key), at: after(5_000, dateOf(issuedOnDay)) }),
  )
export const identityOfKey = (pair: PairModel): string => identityOfSpki(pairOf(pair).spki)

const foundPair = (stored: Stored | undefined): Found<StoredPair> =>
  stored === undefined ? missing : stored === 'unreadable' ? broken('it cannot be read') : found(pairOf(stored))

const same = (one: PairModel, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

function handedOutOf({ kept, handedOut }: World): HandedOut {
  if (handedOut === undefined) return { is: 'missing' }
  if (handedOut === 'foreign') return { is: 'foreign' }
  return typeof kept === 'object' && same(kept, handedOut)
    ? { is: 'current' }
    : { is: 'different', pair: foundPair(handedOut) }
}

function enrolmentOf({ kept, kes: { reachable, policy, assigned, hasKey, refuses } }: World): Enrolment {
  if (typeof kept !== 'object') return { is: 'unknown', why: 'there is no key pair to enrol yet' }
  if (!reachable) return { is: 'unknown', why: 'nobody answers' }
  const isAssigned = assigned.includes(kept.key)
  const tried = policy === 'current' && isAssigned && hasKey
  return {
    is: 'known',
    policy: policy === 'current',
    assigned: isAssigned,
    call: tried ? (refuses ? { failed: 'not allowed' } : 'succeeded') : undefined,
  }
}

const serverStatus = (ready: boolean, hasKey: boolean): KeyServerStatus => ({
  keys: hasKey ? ['team-a_minio'] : [],
  conditions: [
    { type: 'Ready', status: ready ? 'True' : 'False', reason: 'Told', message: 'told', lastTransitionTime: '' },
  ],
})

function withdrawalOf({ kept, kes: { reachable, policy, assigned, stale, refuses } }: World): Withdrawal {
  if (!reachable) return { is: 'unknown', why: 'nobody answers' }
  if (policy !== 'missing' || assigned.length > 0) return { is: 'known', listed: true, call: 'notTried' }
  if (typeof kept !== 'object') return { is: 'known', listed: false, call: 'notTried' }
  return { is: 'known', listed: false, call: stale.includes(kept.key) && !refuses ? 'accepted' : 'refused' }
}

export function observe(world: World): Observed {
  const { status, kept, serverReady, serverGone, admitted, authority, kes, finalizer, deleting, skip } = world
  return {
    identity: kesIdentity(
      {},
      {
        ...(finalizer ? { finalizers: [revocationFinalizer] } : {}),
        ...(deleting ? { deletionTimestamp: clockOf(world).toISOString() } : {}),
        ...(skip ? { annotations: { [annotations.skipRevocation]: 'kes-client' } } : {}),
      },
    ),
    status,
    keyServer: serverGone ? undefined : keyServer({}, serverStatus(serverReady, kes.hasKey)),
    policyProblem: undefined,
    imported: undefined,
    importedBelongsTo: undefined,
    withdrawal: deleting && !serverGone ? withdrawalOf(world) : undefined,
    admitted,
    keyName: 'team-a_minio',
    keyNameProblem: undefined,
    authorityPem: authorityAt(authority).certificatePem,
    trustPem: authorityAt(authority).certificatePem,
    kept: foundPair(kept),
    issuance: { is: 'ours' },
    keptIdentity: typeof kept === 'object' ? identityOfKey(kept) : undefined,
    handedOut: handedOutOf(world),
    enrolment: enrolmentOf(world),
  }
}

/** Carries one action out as the API server and KES would: a creation of what exists changes nothing. */
export function apply(world: World, step: Step): World {
  const { kept, handedOut, kes, authority, day, made } = world
  switch (step.do) {
    case 'holdBack':
      return { ...world, finalizer: true }
    case 'import':
    case 'request':
    case 'take':
    case 'dropRequest':
      throw new Error('nothing is imported here, and nobody else issues')
    case 'withdraw':
      return {
        ...world,
        withdrawn: [...new Set([...world.withdrawn, ...kes.assigned])],
        kes: { ...kes, policy: 'missing', assigned: [] },
      }
    case 'takeAway':
      return handedOut === 'foreign' ? world : { ...world, handedOut: undefined }
    case 'forget':
      return { ...world, kept: undefined }
    case 'release':
      return { ...world, finalizer: false, gone: world.deleting }
    case 'create':
      return kept === undefined
        ? { ...world, made: made + 1, kept: { key: made + 1, authority, issuedOnDay: day } }
        : world
    case 'takeBack':
      return kept === undefined && typeof handedOut === 'object' ? { ...world, kept: handedOut } : world
    case 'renew':
      return typeof kept === 'object' ? { ...world, kept: { ...kept, authority, issuedOnDay: day } } : world
    case 'writePolicy':
      return { ...world, kes: { ...kes, policy: 'current' } }
    case 'assignPolicy':
      return typeof kept === 'object'
        ? { ...world, kes: { ...kes, assigned: [...new Set([...kes.assigned, kept.key])] } }
        : world
    case 'handOut':
      return handedOut !== 'foreign' && typeof kept === 'object' ? { ...world, handedOut: kept } : world
  }
}

/** Something that happens to it from outside. */
export type Mishap =
  | { readonly is: 'keptVanishes' | 'keptSpoilt' | 'workloadVanishes' | 'workloadSpoilt' | 'workloadForeign' }
  /** Somebody lays a key of their own where ours was. */
  | { readonly is: 'workloadExchanged' }
  | {
      readonly is:
        | 'policyOutdated'
        | 'kesForgets'
        | 'kesUnreachable'
        | 'kesReachable'
        | 'keyGone'
        | 'keyThere'
        | 'callRefused'
        | 'callWorks'
    }
  | { readonly is: 'deleted' | 'madeAgain' | 'skipAsked' | 'serverGone' | 'replicaStale' | 'replicaCatchesUp' }
  | { readonly is: 'serverStops' | 'serverReady' | 'shutOut' | 'admitted' | 'authorityChanges' | 'statusLost' }
  | { readonly is: 'daysPass'; readonly days: number }

export function befall(world: World, mishap: Mishap): World {
  const { kes, day, made, authority } = world
  switch (mishap.is) {
    case 'keptVanishes':
      return { ...world, kept: undefined }
    case 'keptSpoilt':
      return { ...world, kept: world.kept && 'unreadable' }
    case 'workloadVanishes':
      return { ...world, handedOut: undefined }
    case 'workloadSpoilt':
      return { ...world, handedOut: world.handedOut && 'unreadable' }
    case 'workloadForeign':
      return { ...world, handedOut: 'foreign' }
    case 'workloadExchanged':
      return { ...world, made: made + 1, handedOut: { key: made + 1, authority, issuedOnDay: day } }
    case 'policyOutdated':
      return { ...world, kes: { ...kes, policy: kes.policy === 'missing' ? 'missing' : 'outdated' } }
    case 'kesForgets':
      return { ...world, kes: { ...kes, policy: 'missing', assigned: [] } }
    case 'kesUnreachable':
    case 'kesReachable':
      return {
        ...world,
        kes: { ...kes, reachable: mishap.is === 'kesReachable' },
        silentSince: mishap.is === 'kesReachable' ? undefined : (world.silentSince ?? day),
      }
    case 'deleted':
      if (!world.finalizer) return { ...world, gone: true }
      return { ...world, deleting: true, deletedOn: world.deletedOn ?? day }
    case 'madeAgain':
      return world.gone
        ? { ...world, gone: false, deleting: false, deletedOn: undefined, finalizer: false, skip: false, status: {} }
        : world
    case 'skipAsked':
      return world.gone ? world : { ...world, skip: true }
    case 'serverGone':
      return { ...world, serverGone: true }
    case 'replicaStale':
      return { ...world, kes: { ...kes, stale: kes.assigned } }
    case 'replicaCatchesUp':
      return { ...world, kes: { ...kes, stale: [] } }
    case 'keyGone':
    case 'keyThere':
      return { ...world, kes: { ...kes, hasKey: mishap.is === 'keyThere' } }
    case 'callRefused':
    case 'callWorks':
      return { ...world, kes: { ...kes, refuses: mishap.is === 'callRefused' } }
    case 'serverStops':
    case 'serverReady':
      return { ...world, serverReady: mishap.is === 'serverReady' }
    case 'shutOut':
    case 'admitted':
      return { ...world, admitted: mishap.is === 'admitted' }
    case 'authorityChanges':
      return { ...world, authority: 1 - authority }
    case 'statusLost':
      return { ...world, status: {} }
    case 'daysPass':
      return { ...world, day: day + mishap.days }
  }
}
