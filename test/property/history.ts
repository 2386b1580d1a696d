import fc from 'fast-check'

/** One observe, plan and write. `wrong`: which promises it broke, in words. */
export interface Round<World> {
  readonly world: World
  readonly wrong: readonly string[]
  readonly atRest: boolean
}

/** A controller and its world, as pure functions. */
export interface Game<World, Mishap> {
  readonly start: World
  /** `done: false`: the controller was killed before its write, or the write was refused. */
  readonly round: (world: World, done: boolean) => Round<World>
  /** What the world does without the controller. */
  readonly byItself: (world: World) => World
  readonly befall: (world: World, mishap: Mishap) => World
  /** More rounds than this without rest is no end. */
  readonly mostRounds: number
}

type Happening<Mishap> =
  | { readonly do: 'round'; readonly done: boolean }
  | { readonly do: 'byItself' }
  | { readonly do: 'befall'; readonly mishap: Mishap }

/** How far the controller had come undisturbed, and what happened from there on. Nothing is remembered between two rounds. */
export interface History<Mishap> {
  readonly roundsBefore: number
  readonly happenings: readonly Happening<Mishap>[]
}

const killedOrNot = fc.record({ do: fc.constant('round' as const), done: fc.boolean() })
const byItself = fc.constant({ do: 'byItself' } as const)

/** Histories in which the controller is killed, and nothing else goes wrong. */
export const calmHistory = (mostBefore: number): fc.Arbitrary<History<never>> =>
  fc.record({
    roundsBefore: fc.nat(mostBefore),
    happenings: fc.array(fc.oneof({ weight: 3, arbitrary: killedOrNot }, { weight: 1, arbitrary: byItself }), {
      maxLength: 40,
    }),
  })

/** Histories in which anything is lost, too. */
export const roughHistory = <Mishap>(mishap: fc.Arbitrary<Mishap>, mostBefore: number): fc.Arbitrary<History<Mishap>> =>
  fc.record({
    roundsBefore: fc.nat(mostBefore),
    happenings: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: killedOrNot },
        { weight: 2, arbitrary: byItself },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('befall' as const), mishap }) },
      ),
      { maxLength: 30 },
    ),
  })

/** Runs controller and world until neither has anything to do. */
export function settle<World, Mishap>(game: Game<World, Mishap>, from: World): Round<World> {
  let world = from
  const wrong: string[] = []
  for (let rounds = 0; rounds < game.mostRounds; rounds++) {
    const next = game.round(world, true)
    wrong.push(...next.wrong)
    const after = next.atRest ? game.byItself(next.world) : next.world
    if (next.atRest && after === world) return { world, wrong, atRest: true }
    world = after
  }
  return { world, wrong, atRest: false }
}

/** Plays a history and then lets everything come to rest. */
export function play<World, Mishap>(
  game: Game<World, Mishap>,
  { roundsBefore, happenings }: History<Mishap>,
): Round<World> {
  let world = game.start
  const wrong: string[] = []
  const look = (done: boolean) => {
    const next = game.round(world, done)
    wrong.push(...next.wrong)
    world = next.atRest ? game.byItself(next.world) : next.world
  }
  for (let rounds = 0; rounds < roundsBefore; rounds++) look(true)
  for (const each of happenings) {
    if (each.do === 'round') look(each.done)
    else world = each.do === 'byItself' ? game.byItself(world) : game.befall(world, each.mishap)
  }
  const end = settle(game, world)
  return { ...end, wrong: [...wrong, ...end.wrong] }
}
