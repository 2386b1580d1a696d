import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTrue } from '../../src/api/conditions.ts'
import type { Observed } from '../../src/controller/kesIdentity/observed.ts'
import { plan } from '../../src/controller/kesIdentity/plan.ts'
import { apply, befall, clockOf, nothingYet, observe, type Mishap, type World } from './kesIdentityWorld.ts'
import { wrongs } from './kesIdentityPromises.ts'
import { calmHistory, play, roughHistory, settle, type Game, type Round } from './history.ts'

type Planner = typeof plan

/** Observe, plan, and the one write that follows; `done: false`: the controller was killed before it, or it was refused. */
function round(world: World, planner: Planner, done: boolean): Round<World> {
  if (world.gone) return { world, wrong: [], atRest: true }
  const { status, step } = planner(observe(world), clockOf(world))
  if (!isDeepStrictEqual(status, world.status))
    return { world: done ? { ...world, status } : world, wrong: [], atRest: false }
  if (!step) return { world, wrong: [], atRest: true }
  const next = apply(world, step)
  return { world: done ? next : world, wrong: wrongs(world, next, step), atRest: false }
}

const losses = [
  'keptVanishes',
  'keptSpoilt',
  'workloadVanishes',
  'workloadSpoilt',
  'workloadForeign',
  'workloadExchanged',
] as const
const changes = [
  'policyOutdated',
  'kesForgets',
  'kesUnreachable',
  'kesReachable',
  'keyGone',
  'keyThere',
  'callRefused',
  'callWorks',
  'serverStops',
  'serverReady',
  'shutOut',
  'admitted',
  'authorityChanges',
  'statusLost',
] as const
const ends = [
  'deleted',
  'deleted',
  'madeAgain',
  'madeAgain',
  'skipAsked',
  'serverGone',
  'replicaStale',
  'replicaCatchesUp',
] as const
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constantFrom(...losses) }) },
  { weight: 5, arbitrary: fc.record({ is: fc.constantFrom(...changes) }) },
  { weight: 5, arbitrary: fc.record({ is: fc.constantFrom(...ends) }) },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant('daysPass' as const), days: fc.constantFrom(1, 40, 70, 100) }),
  },
)
/** Issuing to handing out takes about 12 rounds. */
const gameOf = (planner: Planner): Game<World, Mishap> => ({
  start: nothingYet,
  round: (world, done) => round(world, planner, done),
  byItself: (world) => world,
  befall,
  mostRounds: 60,
})
const game = gameOf(plan)
const history = roughHistory(mishap, 20)

const holds = (planner: Planner) =>
  fc.property(history, (each) => {
    const { wrong, atRest } = play(gameOf(planner), each)
    expect(wrong).toEqual([])
    expect(atRest, 'it comes to rest').toBe(true)
  })

const calling = ['kesUnreachable', 'kesReachable', 'callRefused', 'callWorks'] as const
const ending = [
  'keptVanishes',
  'workloadForeign',
  'madeAgain',
  'serverGone',
  'replicaStale',
  'replicaCatchesUp',
] as const
const mishapAtTheEnd: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ is: fc.constantFrom(...calling, ...ending) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('daysPass' as const), days: fc.constantFrom(1, 2) }) },
)

/** The same from the moment on at which an identity in use is deleted, on a key server that may have a replica that lags behind. */
const holdsAtTheEnd = (planner: Planner) =>
  fc.property(roughHistory(mishapAtTheEnd, 4), fc.boolean(), (each, lags) => {
    const inUse = settle(game, nothingYet).world
    const start = befall(lags ? befall(inUse, { is: 'replicaStale' }) : inUse, { is: 'deleted' })
    const { wrong, atRest } = play({ ...gameOf(planner), start }, each)
    expect(wrong).toEqual([])
    expect(atRest, 'it comes to rest').toBe(true)
  })

describe('an identity, whatever is lost and whenever the controller is killed', () => {
  it('never breaks a promise of its order, and always comes to rest', () => {
    fc.assert(holds(plan), { numRuns: 300 })
  })

  it('is seen refused before it goes, when it is deleted', () => {
    fc.assert(holdsAtTheEnd(plan), { numRuns: 300 })
    const gone = settle(game, befall(settle(game, nothingYet).world, { is: 'deleted' })).world
    expect(gone).toMatchObject({ gone: true, kept: undefined, handedOut: undefined, withdrawn: [1] })
  })

  it('rests only where MinIO holds a pair that works, or where the status says what stands in the way', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { world } = play(game, each)
        const { kept, handedOut, kes, status, gone } = world
        if (gone) return
        if (isTrue(status.conditions, 'Ready')) {
          expect(handedOut).toEqual(kept)
          expect(typeof kept === 'object' && kes.assigned.includes(kept.key)).toBe(true)
        } else {
          const reason = status.conditions?.find(({ type }) => type === 'Ready')?.reason
          expect(['Pending', 'HandingOut', 'NotTried']).not.toContain(reason)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('ends with the one key that was made first where only the controller is killed', () => {
    const { world: undisturbed } = settle(game, nothingYet)
    fc.assert(
      fc.property(calmHistory(20), (each) => {
        expect(play(game, each).world).toEqual(undisturbed)
      }),
      { numRuns: 150 },
    )
    expect(isTrue(undisturbed.status.conditions, 'Ready')).toBe(true)
    expect(undisturbed.made).toBe(1)
  })

  it('keeps its key through years of renewals', () => {
    let world = settle(game, nothingYet).world
    const first = world.status.identity
    for (let renewals = 0; renewals < 12; renewals++) {
      world = settle(game, befall(world, { is: 'daysPass', days: 70 })).world
      expect(world.kept).toMatchObject({ issuedOnDay: world.day })
      expect(world.handedOut).toEqual(world.kept)
    }
    expect(world.status.identity).toBe(first)
    expect(world.made).toBe(1)
  })
})

const seeing =
  (change: (observed: Observed) => Partial<Observed>): Planner =>
  (observed, now) =>
    plan({ ...observed, ...change(observed) }, now)

// The test of the test: each of these planners lacks one guard, and must be found out.
describe('the properties find a planner that', () => {
  it.each<[string, Planner]>([
    [
      'makes a new pair where the kept one cannot be read',
      seeing(({ kept }) => (kept.is === 'broken' ? { kept: { is: 'missing' } } : {})),
    ],
    [
      'takes nothing back',
      (observed, now) => {
        const planned = plan(observed, now)
        return planned.step?.do === 'takeBack' ? { ...planned, step: { do: 'create' } } : planned
      },
    ],
    [
      'takes any pair back that lies in the workload',
      (observed, now) => {
        const planned = plan(observed, now)
        return planned.step?.do === 'create' &&
          observed.handedOut.is === 'different' &&
          observed.handedOut.pair.is === 'found'
          ? { ...planned, step: { do: 'takeBack' } }
          : planned
      },
    ],
    [
      'assigns a policy that is not there',
      seeing(({ enrolment }) =>
        enrolment.is === 'known' && !enrolment.assigned ? { enrolment: { ...enrolment, policy: true } } : {},
      ),
    ],
    [
      'hands out without a call',
      seeing(({ enrolment }) => (enrolment.is === 'known' ? { enrolment: { ...enrolment, call: 'succeeded' } } : {})),
    ],
    [
      "writes over somebody else's Secret",
      seeing(({ handedOut }) => (handedOut.is === 'foreign' ? { handedOut: { is: 'missing' } } : {})),
    ],
    ['does not ask whether the namespace is admitted', seeing(() => ({ admitted: true }))],
    [
      'makes a pair before deletion is held back',
      (observed, now) => {
        const planned = plan(observed, now)
        return planned.step?.do === 'holdBack' ? { ...planned, step: { do: 'create' } } : planned
      },
    ],
    ['does not write down what it made', (observed, now) => ({ ...plan(observed, now), status: observed.status })],
  ])('%s', (_what, planner) => {
    expect(fc.check(holds(planner), { numRuns: 1_000, seed: 1, endOnFailure: true }).failed).toBe(true)
  })

  it.each<[string, Planner]>([
    [
      'forgets the pair before anybody was refused with it',
      seeing(({ withdrawal }) =>
        withdrawal?.is === 'known' && withdrawal.listed ? { withdrawal: { ...withdrawal, listed: false } } : {},
      ),
    ],
    [
      'takes a list for a refusal',
      seeing(({ withdrawal }) =>
        withdrawal?.is === 'known' ? { withdrawal: { ...withdrawal, call: 'refused' } } : {},
      ),
    ],
    [
      'does not wait for a key server that is away',
      seeing(({ withdrawal }) =>
        withdrawal?.is === 'unknown' ? { withdrawal: { is: 'known', listed: false, call: 'refused' } } : {},
      ),
    ],
    [
      'lets it go before the pair is forgotten',
      (observed, now) => {
        const planned = plan(observed, now)
        return planned.step?.do === 'forget' ? { ...planned, step: { do: 'release' } } : planned
      },
    ],
    [
      'goes on as if nothing were deleted',
      seeing(({ identity }) => {
        const { deletionTimestamp: _, ...metadata } = identity.metadata
        return { identity: { ...identity, metadata } }
      }),
    ],
  ])('%s', (_what, planner) => {
    expect(fc.check(holdsAtTheEnd(planner), { numRuns: 1_000, seed: 1, endOnFailure: true }).failed).toBe(true)
  })

  it('changes the key when it renews', () => {
    // The planner only says "renew"; it is the action that could take another key.
    const world = settle(game, nothingYet).world
    const rekeyed = { ...world, kept: { key: 99, authority: 0, issuedOnDay: 70 } }
    expect(wrongs(world, rekeyed, { do: 'renew', why: 'RenewalDue' })).toContain('renew: the key stays the same')
  })
})
