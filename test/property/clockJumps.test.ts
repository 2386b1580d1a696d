import { describe, expect, it } from 'vitest'
import { startController, type ControllerWorld, type Leaf } from './controllerWorld.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** What the queues promise: no time is looked at later than this. */
const tickMs = 60_000

const all: readonly Leaf[] = ['client', 'handedOut', 'server', 'webhook']
const ofKes: readonly Leaf[] = ['client', 'handedOut', 'server']

const short = { server: '1h', client: '1h' }

/** Which certificates are others than before. */
function renewed(before: Readonly<Record<Leaf, string>>, { certificates }: ControllerWorld): readonly Leaf[] {
  const now = certificates()
  return all.filter((leaf) => now[leaf] !== before[leaf])
}
const secretWrites = ({ client }: ControllerWorld) =>
  client.writes.filter((write) => write.includes(' secrets ') || write.startsWith('delete'))

describe('a clock that jumps', () => {
  it.each<[jump: string, ms: number, lifetimes: object, renewed: readonly Leaf[]]>([
    ['back by an hour', -hourMs, {}, []],
    ['back by an hour, certificates of an hour', -hourMs, short, []],
    ['back by 400 days', -400 * dayMs, {}, []],
    ['on by an hour', hourMs, {}, []],
    ['on by an hour, certificates of an hour', hourMs, short, ofKes],
    ['on by 400 days', 400 * dayMs, {}, all],
  ])('with the API server, %s: exactly what is due is renewed within a minute', async (_jump, ms, lifetimes, due) => {
    await using world = await startController(lifetimes)
    const [certificates, identities, writes] = [world.certificates(), world.identities(), secretWrites(world).length]
    world.jump(ms, true)
    await world.clock.advance(tickMs)
    expect(renewed(certificates, world)).toEqual(due)
    expect(world.identities(), 'every key is the one that it was').toEqual(identities)
    expect(secretWrites(world).slice(writes), 'one write for each, and nothing is deleted').toHaveLength(due.length)
    await world.clock.advance(3 * tickMs)
    expect(secretWrites(world).slice(writes), 'and then it is at rest').toHaveLength(due.length)
  })

  it.each<[jump: string, ms: number, says: string]>([
    ['back by an hour', -hourMs, "this machine's clock is 60 minutes behind the API server's"],
    ['on by an hour', hourMs, "this machine's clock is 60 minutes ahead of the API server's"],
    ['back by 400 days', -400 * dayMs, "this machine's clock is 576000 minutes behind the API server's"],
    ['on by 400 days', 400 * dayMs, "this machine's clock is 576000 minutes ahead of the API server's"],
  ])('alone, %s: nothing is issued, and it says so; put right, all goes on', async (_jump, ms, says) => {
    await using world = await startController(short)
    const [identities, writes] = [world.identities(), secretWrites(world).length]
    world.jump(ms, false)
    await world.clock.advance(3 * tickMs)
    expect(secretWrites(world).slice(writes)).toEqual([])
    const errors = world.log.filter(({ level }) => level === 'error')
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.every(({ message }) => message.startsWith(says))).toBe(true)

    world.jump(-ms, false)
    await world.clock.advance(tickMs)
    world.jump(hourMs, true)
    await world.clock.advance(tickMs)
    expect(secretWrites(world).length, 'what came due is renewed').toBeGreaterThan(writes)
    expect(world.identities()).toEqual(identities)
  })

  it('alone, by less than five minutes: what is due is renewed, since all certificates begin five minutes ago', async () => {
    await using world = await startController(short)
    const certificates = world.certificates()
    world.jump(-4 * 60_000, false)
    world.jump(hourMs, true)
    await world.clock.advance(tickMs)
    expect(renewed(certificates, world)).toEqual(ofKes)
  })

  it('stands still through years without a jump, but for the renewals', async () => {
    await using world = await startController()
    const [identities, writes] = [world.identities(), secretWrites(world).length]
    // Timers of Node cannot hold more than 24.8 days: a renewal that waits for longer must not come at once.
    world.jump(30 * dayMs - tickMs, true)
    await world.clock.advance(tickMs)
    const untilMonth = secretWrites(world).slice(writes)
    expect(untilMonth.every((write) => write.endsWith('kes-injector-webhook-tls'))).toBe(true)
    for (let month = 0; month < 12; month++) {
      world.jump(30 * dayMs, true)
      await world.clock.advance(tickMs)
    }
    expect(world.identities()).toEqual(identities)
    const written = secretWrites(world).slice(writes)
    expect(written.filter((write) => write.startsWith('delete'))).toEqual([])
    // 13 months: certificates of 90 days, and of 30 for the webhook.
    expect(written.filter((write) => write.endsWith('identity.team-a.kes-client')).length).toBeGreaterThan(3)
  })
})
