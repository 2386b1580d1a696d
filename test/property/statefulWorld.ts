import type { KeyServer, KeyServerStatus } from '../../src/api/keyServer.ts'
import { broken, found, missing, type Found } from '../../src/controller/found.ts'
import type { AdminFacts, Existing, Observed, Server } from '../../src/controller/stateful/observed.ts'
import { checkKey } from '../../src/controller/keyServer/checkKey.ts'
import { type Step } from '../../src/controller/stateful/plan.ts'
import type { AuthorityFacts } from '../../src/controller/storedAuthority.ts'
import { keyServer } from '../unit/controller/keyServers.ts'
import { after, authorityFacts, dayMs, newAuthority, now, storedLeaf } from '../unit/controller/pairs.ts'

/** What lies in a Secret: which of the things ever made, or something that nobody can read. */
type Stored = number | 'unreadable'
export type MaterialName = 'authority' | 'unseal' | 'system' | 'enclave'

export type ByHand = Exclude<MaterialName, 'authority'>

interface Leaf {
  readonly authority: number
  readonly issuedOnDay: number
}

interface Volume {
  readonly unseal: number
  readonly enclave: number
  readonly keys: readonly string[]
}

/** Everything there is of one key server: what the API server stores, and what the node and KES hold. */
export interface World {
  readonly day: number
  readonly status: KeyServerStatus
  readonly wantedKeys: readonly string[]
  readonly material: Readonly<Record<MaterialName, Stored | undefined>>
  /** What the Secret of the unseal key says of when the server first had its data. */
  readonly markedAt: string | undefined
  readonly serverLeaf: Leaf | undefined
  /** The identity of the enclave's administrator in `init.yml`. */
  readonly initFile: Stored | undefined
  /** What a server that is taken over was made with, where it still lies; undefined for a server of our own making. */
  readonly byHand: Readonly<Record<ByHand, number | undefined>> | undefined
  /** An image is wanted that could not read the volume. */
  readonly badImage: boolean
  /** A pod of somebody else's has the volume. */
  readonly foreignPod: boolean
  /** Somebody scaled the set to 0. */
  readonly scaled: boolean
  readonly service: Observed['service']
  readonly statefulSet: Observed['statefulSet']
  readonly networkPolicy: Observed['networkPolicy']
  readonly volume: Volume | undefined
  readonly pod: { readonly served: Leaf; readonly reachable: boolean } | { readonly problem: string } | undefined
  /** How many things were made: each gets the next number, so no two are alike. */
  readonly made: number
}

export const nothingYet: World = {
  day: 0,
  status: {},
  wantedKeys: ['team-a_minio', 'team-b_minio'],
  material: { authority: undefined, unseal: undefined, system: undefined, enclave: undefined },
  markedAt: undefined,
  serverLeaf: undefined,
  initFile: undefined,
  byHand: undefined,
  badImage: false,
  foreignPod: false,
  scaled: false,
  service: 'missing',
  statefulSet: 'missing',
  networkPolicy: 'missing',
  volume: undefined,
  pod: undefined,
  made: 0,
}

/** A volume with keys, and the Secrets to open it and to be its administrator: all made by hand, before anything of ours. */
export const madeByHand: World = {
  ...nothingYet,
  byHand: { unseal: 901, system: 902, enclave: 903 },
  volume: { unseal: 901, enclave: 903, keys: ['by-hand'] },
}

const names = ['kes-default.kes-system.svc']
const dateOf = (day: number): Date => after(day * dayMs)

// A handful of real certificates stands for all that the runs would make: making them is what takes time.
const authorities = [1, 2, 3].map((second) => newAuthority(after(second * 1_000)))
const authorityOf = (id: number) => authorities[id % authorities.length] ?? newAuthority()
const facts = new Map<number, AuthorityFacts>()
const leaves = new Map<string, ReturnType<typeof storedLeaf>>()

function remembered<K, V>(store: Map<K, V>, key: K, make: () => V): V {
  const value = store.get(key) ?? make()
  store.set(key, value)
  return value
}

const factsOf = (id: number): AuthorityFacts => ({
  ...remembered(facts, id % authorities.length, () => authorityFacts(authorityOf(id))),
  fingerprint: `authority-${id}`,
})
const leafOf = ({ authority, issuedOnDay }: Leaf) =>
  remembered(leaves, `${authority % authorities.length} ${issuedOnDay}`, () =>
    storedLeaf(authorityOf(authority), { usages: ['server'], dnsNames: names, at: after(5_000, dateOf(issuedOnDay)) }),
  )
const anyPair = storedLeaf(newAuthority(now))

const foundAs = <T>(stored: Stored | undefined, read: (id: number) => T): Found<T> =>
  stored === undefined ? missing : stored === 'unreadable' ? broken('it cannot be read') : found(read(stored))

const adminOf = (id: number): AdminFacts => ({ identity: `admin-${id}`, pair: anyPair })

function serverOf({ pod, volume, material, status }: World): Server {
  if (!pod || 'problem' in pod) return { is: 'absent' }
  if (!pod.reachable) return { is: 'unreachable', why: 'nobody answers' }
  if (!volume || material.enclave !== volume.enclave || pod.served.authority !== material.authority)
    return { is: 'unreachable', why: 'one of the two does not know the other' }
  const tried = status.conditions?.some(({ type }) => type === 'DataKeysPredictable') ?? false
  return {
    is: 'answering',
    keys: volume.keys,
    certificateNotAfter: leafOf(pod.served).notAfter,
    startedAt: '2026-01-01T00:00:00.000Z',
    predictableDataKeys: !tried && volume.keys.includes(checkKey) ? false : undefined,
  }
}

const ours: KeyServer = keyServer()
const theirs: KeyServer = keyServer({
  stateful: {
    existing: { claimName: 'kes-data', unsealSecretRef: { name: 'kes-unseal' }, adminSecretRef: { name: 'kes-admin' } },
  },
})

const existingOf = (byHand: NonNullable<World['byHand']>): Existing => ({
  unsealKey: foundAs(byHand.unseal, (id) => `unseal-${id}`),
  systemAdmin: foundAs(byHand.system, adminOf),
  enclaveAdmin: foundAs(byHand.enclave, adminOf),
  authority: 'notGiven',
})

/** Another image is another template. */
const statefulSetOf = ({ statefulSet, scaled, badImage }: World): Observed['statefulSet'] =>
  statefulSet === 'current' && (scaled || badImage) ? 'differs' : statefulSet

export function observe(world: World): Observed {
  const { status, material, serverLeaf, markedAt, initFile, service, networkPolicy, pod, wantedKeys } = world
  return {
    keyServer: world.byHand ? theirs : ours,
    image: world.badImage ? 'minio/kes:v0.24.0' : 'kes-stateful:1',
    existing: world.byHand && existingOf(world.byHand),
    podStuck: false,
    mountedBy: world.foreignPod && statefulSetOf(world) !== 'current' ? 'kes-by-hand' : undefined,
    status,
    endpoint: 'https://kes-default.kes-system.svc:7373',
    dnsNames: names,
    authority: foundAs(material.authority, factsOf),
    unsealKey: foundAs(material.unseal, (id) => `unseal-${id}`),
    markedAt,
    systemAdmin: foundAs(material.system, adminOf),
    enclaveAdmin: foundAs(material.enclave, adminOf),
    serverCertificate: serverLeaf ? found(leafOf(serverLeaf)) : missing,
    issuance: { is: 'ours' },
    initConfig: initFile !== undefined,
    service,
    statefulSet: statefulSetOf(world),
    networkPolicy,
    pod: pod && {
      name: 'kes-default-0',
      ip: 'problem' in pod ? undefined : '10.0.0.9',
      startedAt: undefined,
      problem: 'problem' in pod ? pod.problem : undefined,
    },
    server: serverOf(world),
    wantedKeys,
  }
}

export const clockOf = ({ day }: World): Date => after(60_000, dateOf(day))

const materialTakenBy = (step: Step): ByHand | undefined => {
  switch (step.do) {
    case 'takeUnsealKey':
      return 'unseal'
    case 'takeAdmin':
      return step.admin
    default:
      return undefined
  }
}

const materialMadeBy = (step: Step): MaterialName | undefined => {
  switch (step.do) {
    case 'createAuthority':
      return 'authority'
    case 'createUnsealKey':
      return 'unseal'
    case 'createAdmin':
      return step.admin
    default:
      return undefined
  }
}

/** Carries one action out as the API server and KES would: a creation of what exists changes nothing. */
export function apply(world: World, step: Step): World {
  const { material, made, volume, initFile, day } = world
  const making = materialMadeBy(step)
  if (making !== undefined) {
    return material[making] === undefined
      ? { ...world, made: made + 1, material: { ...material, [making]: made + 1 } }
      : world
  }
  const taking = materialTakenBy(step)
  if (taking !== undefined)
    return material[taking] === undefined
      ? { ...world, material: { ...material, [taking]: world.byHand?.[taking] } }
      : world
  switch (step.do) {
    case 'issueServerCertificate':
      return typeof material.authority === 'number'
        ? { ...world, serverLeaf: { authority: material.authority, issuedOnDay: day } }
        : world
    case 'writeInitConfig':
      return initFile === undefined && material.enclave !== undefined ? { ...world, initFile: material.enclave } : world
    case 'removeInitConfig':
      return { ...world, initFile: undefined }
    case 'markInitialized':
      return material.unseal === undefined ? world : { ...world, markedAt: world.status.initializedAt }
    case 'applyNetworkPolicy':
      return { ...world, networkPolicy: 'current' }
    case 'applyService':
      return { ...world, service: 'current' }
    case 'applyStatefulSet':
      return { ...world, statefulSet: 'current', scaled: false }
    case 'createKey':
      return volume && !volume.keys.includes(step.key)
        ? { ...world, volume: { ...volume, keys: [...volume.keys, step.key] } }
        : world
    default:
      return world
  }
}

/** What node and launcher do by themselves: mount, initialise an empty volume where init.yml lies there, serve, sync Secrets. */
export function runPod(world: World): World {
  const { pod, statefulSet, service, serverLeaf, material, volume, initFile } = world
  if (statefulSet === 'missing' || service === 'missing' || world.scaled) return world
  if (pod && !('problem' in pod))
    return serverLeaf && serverLeaf !== pod.served ? { ...world, pod: { ...pod, served: serverLeaf } } : world
  const failed = (problem: string): World =>
    pod && 'problem' in pod && pod.problem === problem ? world : { ...world, pod: { problem } }
  if (!serverLeaf || typeof material.unseal !== 'number') return failed('a volume cannot be mounted')
  const running = { served: serverLeaf, reachable: true }
  if (volume)
    return volume.unseal === material.unseal ? { ...world, pod: running } : failed('kes: the root key cannot be opened')
  if (world.byHand) return failed('adopt: it is no data directory of a stateful KES')
  return typeof initFile === 'number'
    ? { ...world, volume: { unseal: material.unseal, enclave: initFile, keys: [] }, pod: running }
    : failed('init: this key server has been initialised before')
}

/** Something that happens to it from outside. */
export type Mishap =
  | { readonly is: 'vanishes'; readonly what: MaterialName | 'serverLeaf' | 'initFile' | 'pod' | 'volume' }
  | { readonly is: 'spoilt'; readonly what: MaterialName }
  | { readonly is: 'exchanged'; readonly what: MaterialName }
  | { readonly is: 'deleted'; readonly what: 'service' | 'statefulSet' }
  | { readonly is: 'unreachable' }
  | { readonly is: 'originalGone'; readonly what: ByHand }
  | { readonly is: 'imageWanted'; readonly bad: boolean }
  | { readonly is: 'foreignPod'; readonly there: boolean }
  | { readonly is: 'scaled' }
  | { readonly is: 'keyGone'; readonly which: number }
  | { readonly is: 'keyWanted'; readonly key: string }
  | { readonly is: 'keyUnwanted' }
  | { readonly is: 'daysPass'; readonly days: number }

/** It is an annotation of that Secret. */
const markGoesWith = (what: string): Partial<World> => (what === 'unseal' ? { markedAt: undefined } : {})

export function befall(world: World, mishap: Mishap): World {
  const { material, volume, pod } = world
  switch (mishap.is) {
    case 'vanishes':
      if (mishap.what === 'volume') return { ...world, volume: undefined, pod: undefined }
      if (mishap.what in material)
        return { ...world, ...markGoesWith(mishap.what), material: { ...material, [mishap.what]: undefined } }
      return { ...world, [mishap.what]: undefined }
    case 'spoilt':
      return material[mishap.what] === undefined
        ? world
        : { ...world, material: { ...material, [mishap.what]: 'unreadable' } }
    case 'exchanged':
      return {
        ...world,
        ...markGoesWith(mishap.what),
        made: world.made + 1,
        material: { ...material, [mishap.what]: world.made + 1 },
      }
    case 'deleted':
      return { ...world, [mishap.what]: 'missing', pod: mishap.what === 'statefulSet' ? undefined : pod }
    case 'originalGone':
      return world.byHand ? { ...world, byHand: { ...world.byHand, [mishap.what]: undefined } } : world
    case 'imageWanted':
      return { ...world, badImage: mishap.bad }
    case 'foreignPod':
      return { ...world, foreignPod: mishap.there }
    case 'scaled':
      return world.statefulSet === 'missing' ? world : { ...world, scaled: true, pod: undefined }
    case 'unreachable':
      return pod && !('problem' in pod) ? { ...world, pod: { ...pod, reachable: false } } : world
    case 'keyGone':
      return volume && volume.keys.length > 0
        ? { ...world, volume: { ...volume, keys: volume.keys.toSpliced(mishap.which % volume.keys.length, 1) } }
        : world
    case 'keyWanted':
      return { ...world, wantedKeys: [...new Set([...world.wantedKeys, mishap.key])] }
    case 'keyUnwanted':
      return { ...world, wantedKeys: world.wantedKeys.slice(1) }
    case 'daysPass':
      return { ...world, day: world.day + mishap.days }
  }
}
