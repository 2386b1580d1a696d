import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyServerStatus } from '../../src/api/keyServer.ts'
import { isTrue } from '../../src/api/conditions.ts'
import { found, missing } from '../../src/controller/found.ts'
import type { Observed } from '../../src/controller/stateful/observed.ts'
import { checkKey } from '../../src/controller/keyServer/checkKey.ts'
import { plan, type Step } from '../../src/controller/stateful/plan.ts'
import {
  apply,
  befall,
  clockOf,
  madeByHand,
  nothingYet,
  observe,
  runPod,
  type MaterialName,
  type Mishap,
  type World,
} from './statefulWorld.ts'
import { calmHistory, play, roughHistory, settle, type Game, type Round } from './history.ts'

type Planner = typeof plan

/** The one thing that goes on after a loss: the certificate of a server that works, under the authority that its clients trust. */
const isRenewal = ({ status, authority, serverCertificate }: Observed, step: Step): boolean =>
  step.do === 'issueServerCertificate' &&
  serverCertificate.is === 'found' &&
  authority.is === 'found' &&
  authority.value.fingerprint === status.authority?.fingerprint

const systemAdminOf = ({ existing }: Observed) =>
  existing?.systemAdmin === 'notGiven' ? undefined : existing?.systemAdmin

/** What is wrong with carrying this step out now. The words are the promises of `plan`. */
function wrongs(observed: Observed, step: Step): string[] {
  const { status, server, initConfig, authority, unsealKey, systemAdmin, enclaveAdmin } = observed
  const initialized = status.initializedAt !== undefined
  const wrong: string[] = []
  const must = (holds: boolean, promise: string) => {
    if (!holds) wrong.push(`${step.do}: ${promise}`)
  }
  switch (step.do) {
    case 'createAuthority':
      must(authority.is === 'missing' && !status.authority, 'an authority that exists or is recorded is not made again')
      break
    case 'createUnsealKey':
      must(unsealKey.is === 'missing' && !status.unsealKey, 'an unseal key that was recorded is not made again')
      break
    case 'createAdmin': {
      const there = step.admin === 'system' ? systemAdmin : enclaveAdmin
      must(there.is === 'missing' && !status.admin, 'an administrator that was recorded is not made again')
      break
    }
    case 'takeUnsealKey':
      must(unsealKey.is === 'missing' && !status.unsealKey, 'an unseal key that was recorded is not taken again')
      must(observed.existing?.unsealKey.is === 'found', 'only what is there is taken')
      break
    case 'takeAdmin':
      must(!status.admin, 'an administrator that was recorded is not taken again')
      must(
        (step.admin === 'system' ? systemAdminOf(observed) : observed.existing?.enclaveAdmin)?.is === 'found',
        'only what is there is taken',
      )
      break
    case 'applyStatefulSet':
    case 'writeInitConfig':
      must(!observed.image.endsWith('v0.24.0'), 'no KES that cannot read the volume is started')
      must(observed.mountedBy === undefined, 'no KES is started beside a pod that has its volume')
      must(step.do !== 'writeInitConfig' || !observed.existing, 'a server that is taken over is never initialised')
      must(
        authority.is === 'found' && status.authority?.fingerprint === authority.value.fingerprint,
        'the authority is recorded before anything is built on it',
      )
      must(unsealKey.is === 'found' && status.unsealKey?.fingerprint === unsealKey.value, 'so is the unseal key')
      must(systemAdmin.is === 'found' && status.admin?.system === systemAdmin.value.identity, 'so is the system admin')
      must(enclaveAdmin.is === 'found' && status.admin?.enclave === enclaveAdmin.value.identity, 'and the other one')
      must(step.do !== 'writeInitConfig' || !initialized, 'no init.yml after the server was initialised')
      break
    case 'markInitialized':
      must(initialized, 'only a server that was seen with its data is marked')
      break
    case 'removeInitConfig':
      must(initialized && server.is === 'answering', 'init.yml goes only once the server was seen with its data')
      break
    case 'createKey':
      must(server.is === 'answering' && !server.keys.includes(step.key), 'a key that is there is not made')
      must(!(status.keys ?? []).includes(step.key), 'a key that was ever there is not made')
      must(
        step.key === checkKey || (initialized && !initConfig),
        'no key for others on a volume that could be made anew',
      )
      break
    default:
  }
  must(
    !observed.existing || !['createUnsealKey', 'createAdmin'].includes(step.do),
    'nothing that opens the data is made for a server that is taken over',
  )
  must(
    !isTrue(status.conditions, 'Stalled') || isRenewal(observed, step),
    'nothing is done while something is lost, but what works is renewed',
  )
  return wrong
}

/** What the status has lost or changed of what it must keep for ever. */
function forgotten(former: KeyServerStatus, next: KeyServerStatus): string[] {
  const once = (['authority', 'unsealKey', 'admin', 'initializedAt'] as const).filter(
    (name) => former[name] !== undefined && !isDeepStrictEqual(former[name], next[name]),
  )
  const keys = (former.keys ?? []).filter((key) => !(next.keys ?? []).includes(key))
  return [...once, ...keys].map((name) => `the status forgot ${name}`)
}

/** What a server that is taken over had, and the status does not know although it was seen. */
function unseen({ existing, status, server }: Observed, next: KeyServerStatus): string[] {
  if (!existing || status.keys !== undefined || server.is !== 'answering') return []
  return server.keys.filter((key) => !(next.keys ?? []).includes(key)).map((key) => `the status does not know ${key}`)
}

/** Observe, plan, and the one write that follows; `done: false`: the controller was killed before it, or it was refused. */
function round(world: World, planner: Planner, done: boolean): Round<World> {
  const observed = observe(world)
  const { status, step } = planner(observed, clockOf(world))
  const wrong = [...forgotten(world.status, status), ...unseen(observed, status)]
  if (!isDeepStrictEqual(status, world.status))
    return { world: done ? { ...world, status } : world, wrong, atRest: false }
  if (!step) return { world, wrong, atRest: true }
  return { world: done ? apply(world, step) : world, wrong: [...wrong, ...wrongs(observed, step)], atRest: false }
}

const materials: readonly MaterialName[] = ['authority', 'unseal', 'system', 'enclave']
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({
    is: fc.constant('vanishes' as const),
    what: fc.constantFrom(...materials, 'serverLeaf' as const, 'initFile' as const, 'pod' as const, 'volume' as const),
  }),
  fc.record({ is: fc.constant('spoilt' as const), what: fc.constantFrom(...materials) }),
  fc.record({ is: fc.constant('exchanged' as const), what: fc.constantFrom(...materials) }),
  fc.record({ is: fc.constant('deleted' as const), what: fc.constantFrom('service' as const, 'statefulSet' as const) }),
  fc.record({ is: fc.constant('keyGone' as const), which: fc.nat(5) }),
  fc.record({ is: fc.constant('keyWanted' as const), key: fc.constantFrom('team-c_minio', 'team-d_minio') }),
  fc.record({ is: fc.constant('daysPass' as const), days: fc.constantFrom(1, 40, 70, 100) }),
  fc.record({ is: fc.constant('originalGone' as const), what: fc.constantFrom('unseal', 'system', 'enclave') }),
  fc.record({ is: fc.constant('imageWanted' as const), bad: fc.boolean() }),
  fc.record({ is: fc.constant('foreignPod' as const), there: fc.boolean() }),
  fc.constantFrom<Mishap>({ is: 'unreachable' }, { is: 'keyUnwanted' }, { is: 'scaled' }),
)
/** A bring-up takes about 25 rounds. */
const gameOf = (planner: Planner, start: World): Game<World, Mishap> => ({
  start,
  round: (world, done) => round(world, planner, done),
  byItself: runPod,
  befall,
  mostRounds: 150,
})
const history = roughHistory(mishap, 40)

const holds = (planner: Planner, start: World) =>
  fc.property(history, (each) => {
    const { wrong, atRest, world } = play(gameOf(planner, start), each)
    expect(wrong).toEqual([])
    expect(atRest, 'it comes to rest').toBe(true)
    if (!isTrue(world.status.conditions, 'Stalled')) expect(world.scaled, 'nobody keeps it scaled down').toBe(false)
  })

const starts: readonly (readonly [string, World])[] = [
  ['of our own making', nothingYet],
  ['that is taken over', madeByHand],
]

describe.each(starts)('a key server %s, whatever is lost and whenever the controller is killed', (_which, start) => {
  const game = gameOf(plan, start)

  it('never breaks a promise of its order, and always comes to rest', () => {
    fc.assert(holds(plan, start), { numRuns: 400 })
  })

  it('rests only where it is ready, has stopped because of a loss, or waits for its pod', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { status, wantedKeys } = play(game, each).world
        const [ready, stalled, serving] = (['Ready', 'Stalled', 'Serving'] as const).map((type) =>
          isTrue(status.conditions, type),
        )
        expect(ready || stalled || !serving).toBe(true)
        if (ready) expect(status.keys).toEqual(expect.arrayContaining([checkKey, ...wantedKeys]))
      }),
      { numRuns: 150 },
    )
  })

  it('ends as the very same server where nothing is lost and only the controller is killed', () => {
    const { world: undisturbed } = settle(game, start)
    fc.assert(
      fc.property(calmHistory(40), (each) => {
        expect(play(game, each).world).toEqual(undisturbed)
      }),
      { numRuns: 150 },
    )
    expect(isTrue(undisturbed.status.conditions, 'Ready')).toBe(true)
    // One authority, one unseal key, two administrators; of a server that is taken over the authority only, and all of its keys.
    expect(undisturbed.made).toBe(start === nothingYet ? 4 : 1)
    expect(undisturbed.status.keys).toEqual(
      expect.arrayContaining([...(start.volume?.keys ?? []), ...start.wantedKeys]),
    )
    expect(undisturbed.volume?.unseal).toBe(undisturbed.material.unseal)
  })
})

/** A planner that sees something else than there is. */
const seeing =
  (change: (observed: Observed) => Partial<Observed>): Planner =>
  (observed, now) =>
    plan({ ...observed, ...change(observed) }, now)

const forgetting = (...fields: (keyof KeyServerStatus)[]): Planner =>
  seeing(({ status }) => ({
    status: Object.fromEntries(Object.entries(status).filter(([name]) => !fields.includes(name as never))),
  }))

// The test of the test: each of these planners lacks one guard, and must be found out.
describe('the properties find a planner that', () => {
  it.each<[string, Planner, World?]>([
    ['forgets that there was an authority', forgetting('authority')],
    ['does not look at the image', seeing(() => ({ image: 'kes-stateful:1' }))],
    ['does not look for other pods at the volume', seeing(() => ({ mountedBy: undefined }))],
    [
      'does not mind that somebody scaled it',
      seeing(({ statefulSet }) => ({ statefulSet: statefulSet === 'differs' ? 'current' : statefulSet })),
    ],
    ['does not know that the server is taken over', seeing(() => ({ existing: undefined })), madeByHand],
    [
      'does not look whether the originals are there',
      seeing(({ existing }) => ({ existing: existing && { ...existing, unsealKey: found('unseal-901') } })),
      befall(madeByHand, { is: 'originalGone', what: 'unseal' }),
    ],
    [
      'records only wanted keys of a server that it takes over',
      (observed, now) => {
        const planned = plan(observed, now)
        return {
          ...planned,
          status: { ...planned.status, keys: planned.status.keys?.filter((key) => key !== 'by-hand') },
        }
      },
      madeByHand,
    ],
    ['forgets that there was an unseal key', forgetting('unsealKey')],
    ['forgets who the administrators are', forgetting('admin')],
    ['forgets that the server was initialised', forgetting('initializedAt')],
    ['forgets which keys there were', forgetting('keys')],
    [
      'takes what it cannot read for missing',
      seeing(({ authority, unsealKey, systemAdmin, enclaveAdmin }) => ({
        ...(authority.is === 'broken' ? { authority: missing } : {}),
        ...(unsealKey.is === 'broken' ? { unsealKey: missing } : {}),
        ...(systemAdmin.is === 'broken' ? { systemAdmin: missing } : {}),
        ...(enclaveAdmin.is === 'broken' ? { enclaveAdmin: missing } : {}),
      })),
    ],
    [
      'makes keys for others at once',
      (observed, now) => {
        const { status, server } = observed
        if (server.is !== 'answering' || status.initializedAt !== undefined) return plan(observed, now)
        const early = plan(
          {
            ...observed,
            initConfig: false,
            status: { ...status, initializedAt: 'early' },
            server: { ...server, keys: [checkKey, ...server.keys] },
          },
          now,
        )
        return { ...early, status: plan(observed, now).status }
      },
    ],
    ['does not write down what it found', (observed, now) => ({ ...plan(observed, now), status: observed.status })],
    [
      'never rests',
      (observed, now) => {
        const planned = plan(observed, now)
        return planned.step ? planned : { ...planned, step: { do: 'applyService' } }
      },
    ],
  ])('%s', (_what, planner, start = nothingYet) => {
    expect(fc.check(holds(planner, start), { numRuns: 1_000, seed: 1, endOnFailure: true }).failed).toBe(true)
  })
})
