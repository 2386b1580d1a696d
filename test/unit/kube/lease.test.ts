import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kube/apiError.ts'
import { startElection, type Leadership } from '../../../src/kube/lease.ts'
import { leases } from '../../../src/kube/resources.ts'
import { createFakeClock, settle } from './fakeClock.ts'
import { createMemoryClient } from './memoryClient.ts'
import { createSilentLog } from './silentLog.ts'

const ref = { namespace: 'kes-injector', name: 'controller' }

function setUp() {
  const client = createMemoryClient()
  const clock = createFakeClock()
  const stored = () => client.stored(leases, ref)?.spec
  /** A candidate whose work lasts until it is told to stop, and then until `finishWork`. */
  const candidate = (identity: string, onOwnClock = clock) => {
    const terms: Leadership[] = []
    let finishWork: () => void = () => undefined
    let hangs = false
    const election = startElection(
      client,
      { lease: ref, identity },
      (leadership) => {
        terms.push(leadership)
        return new Promise((resolve) => {
          finishWork = resolve
          leadership.signal.addEventListener('abort', () => {
            if (!hangs) resolve()
          })
        })
      },
      { clock: onOwnClock, random: () => 0, log: createSilentLog() },
    )
    running.push(election)
    return { election, terms, finishWork: () => finishWork(), hang: () => (hangs = true) }
  }
  return { client, clock, stored, candidate }
}

let running: { stop(): Promise<void> }[] = []
afterEach(() => {
  running = []
})

describe('the election of a leader', () => {
  it('makes the Lease, leads, and renews every two seconds with six digits of a second', async () => {
    const { client, clock, stored, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    expect(one.election.isLeader()).toBe(true)
    expect(stored()).toMatchObject({ holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 })
    expect(stored()?.renewTime).toBe('2026-01-01T00:00:00.000000Z')
    await clock.advance(6_000)
    expect(stored()?.renewTime).toBe('2026-01-01T00:00:06.000000Z')
    expect(stored()?.acquireTime).toBe('2026-01-01T00:00:00.000000Z')
    expect(client.writes).toHaveLength(4)
    await one.election.stop()
  })

  it('has one leader of two candidates that start together', async () => {
    const { clock, candidate } = setUp()
    const both = [candidate('one'), candidate('two')]
    await clock.advance(60_000)
    expect(both.map(({ election }) => election.isLeader())).toEqual([true, false])
    expect(both.map(({ terms }) => terms.length)).toEqual([1, 0])
  })

  it('takes over 15 s after the last renewal that it saw, in a new epoch', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(4_000)
    const theirs = createFakeClock()
    const two = candidate('two', theirs)
    await theirs.advance(0)
    // One is gone: its clock stands still.
    await theirs.advance(14_999)
    expect(two.election.isLeader()).toBe(false)
    await theirs.advance(2_000)
    expect(two.election.isLeader()).toBe(true)
    expect([one.election.epoch(), two.election.epoch()]).toEqual([0, 1])
    expect(client.stored(leases, ref)?.spec?.holderIdentity).toBe('two')
  })

  it('believes no time that another wrote: a Lease stamped in the far future or past is over like any other', async () => {
    for (const renewTime of ['2099-01-01T00:00:00.000000Z', '1999-01-01T00:00:00.000000Z']) {
      const { client, clock, candidate } = setUp()
      const spec = { holderIdentity: 'ghost', leaseDurationSeconds: 15, leaseTransitions: 7, renewTime }
      await client.create(leases, { metadata: ref, spec })
      const one = candidate('one')
      await clock.advance(14_000)
      expect(one.election.isLeader()).toBe(false)
      await clock.advance(4_000)
      expect(one.election.epoch()).toBe(8)
    }
  })

  it('waits no more than a minute for a Lease that claims to last for years', async () => {
    const { client, clock, candidate } = setUp()
    const spec = { holderIdentity: 'ghost', leaseDurationSeconds: 2_000_000_000, leaseTransitions: 0 }
    await client.create(leases, { metadata: ref, spec })
    const one = candidate('one')
    await clock.advance(59_000)
    expect(one.election.isLeader()).toBe(false)
    await clock.advance(4_000)
    expect(one.election.isLeader()).toBe(true)
  })

  it('tells the work to stop 10 s after the last renewal that was sent, before others may take over', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(4_000)
    client.failAll('ConnectionFailed')
    await clock.advance(9_999)
    expect(one.terms[0]?.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(one.terms[0]?.signal.aborted).toBe(true)
    expect(one.election.isLeader()).toBe(false)
    expect(await one.election.ended).toEqual({ reason: 'lost' })
  })

  it('gives up waiting for work that hangs when others may take over', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    one.hang()
    await clock.advance(0)
    client.failAll('Timeout')
    let isOver = false
    void one.election.ended.then(() => (isOver = true))
    await clock.advance(14_999)
    expect(isOver).toBe(false)
    await clock.advance(1)
    await settle()
    expect(isOver).toBe(true)
  })

  it('stops at once when somebody else has taken the Lease', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    const current = await client.get(leases, ref)
    if (!current) throw new Error('no Lease')
    await client.update(leases, { ...current, spec: { ...current.spec, holderIdentity: 'two', leaseTransitions: 1 } })
    await clock.advance(2_000)
    expect(await one.election.ended).toEqual({ reason: 'lost' })
    expect(client.stored(leases, ref)?.spec?.holderIdentity).toBe('two')
  })

  it('keeps leading when a renewal was stored but its answer got lost', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    client.failNext('update', 'Timeout', 'afterCommit')
    await clock.advance(6_000)
    expect(one.election.isLeader()).toBe(true)
    expect(client.writes.filter(({ verb }) => verb === 'update')).toHaveLength(3)
  })

  it('keeps leading when somebody only labels the Lease', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    const current = await client.get(leases, ref)
    if (!current) throw new Error('no Lease')
    await client.update(leases, { ...current, metadata: { ...current.metadata, labels: { a: 'b' } } })
    await clock.advance(4_000)
    expect(one.election.isLeader()).toBe(true)
    expect(client.stored(leases, ref)?.metadata.labels).toEqual({ a: 'b' })
  })

  it('stops work on waking from a suspension that outlasted the lease, before it renews anything', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(4_000)
    const writes = client.writes.length
    clock.suspend(30_000)
    await clock.advance(2_000)
    expect(one.terms[0]?.signal.aborted).toBe(true)
    expect(client.writes).toHaveLength(writes)
  })

  it('is not shaken by a wall clock that is set back', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    clock.jump(-400 * 86_400_000)
    await clock.advance(30_000)
    expect(one.election.isLeader()).toBe(true)
    client.failAll('ConnectionFailed')
    await clock.advance(10_000)
    expect(one.election.isLeader()).toBe(false)
  })

  it('gives the lease back when stopped, but only after the work has stopped, and renews until then', async () => {
    const { clock, stored, candidate } = setUp()
    const one = candidate('one')
    one.hang()
    await clock.advance(0)
    const stopped = one.election.stop()
    await clock.advance(20_000)
    expect(one.terms[0]?.signal.aborted).toBe(true)
    expect(stored()?.holderIdentity).toBe('one')
    expect(stored()?.renewTime).toBe('2026-01-01T00:00:20.000000Z')
    one.finishWork()
    await stopped
    expect(stored()).toMatchObject({ holderIdentity: '', leaseTransitions: 0 })
    expect(await one.election.ended).toEqual({ reason: 'stopped' })

    const two = candidate('two')
    await clock.advance(0)
    expect(two.election.epoch()).toBe(1)
  })

  it('gives the lease back when the work throws, and says what it threw', async () => {
    const { client, clock, stored } = setUp()
    const error = new Error('broken')
    const edges = { clock, random: () => 0, log: createSilentLog() }
    const election = startElection(client, { lease: ref, identity: 'one' }, () => Promise.reject(error), edges)
    await clock.advance(2_000)
    expect(await election.ended).toEqual({ reason: 'workEnded', error })
    expect(stored()?.holderIdentity).toBe('')
  })

  it('begins a new epoch when a former life of the same identity still holds the Lease', async () => {
    const { client, clock, candidate } = setUp()
    const spec = { holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 3 }
    await client.create(leases, { metadata: ref, spec })
    const one = candidate('one')
    await clock.advance(0)
    expect(one.election.epoch()).toBe(4)
  })

  it('stops when a later life of its own identity has taken the Lease', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    const current = await client.get(leases, ref)
    if (!current) throw new Error('no Lease')
    await client.update(leases, { ...current, spec: { ...current.spec, leaseTransitions: 1 } })
    await clock.advance(2_000)
    expect(await one.election.ended).toEqual({ reason: 'lost' })
  })

  it('tells the work to stop in time even while a renewal hangs beyond its deadline', async () => {
    const { client, clock, candidate } = setUp()
    const one = candidate('one')
    await clock.advance(0)
    client.update = (_resource, _object, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new ApiError('Aborted', 'given up')))
      })
    await clock.advance(9_999)
    expect(one.terms[0]?.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(one.terms[0]?.signal.aborted).toBe(true)
    expect(await one.election.ended).toEqual({ reason: 'lost' })
  })

  it('can be stopped while it is only a candidate', async () => {
    const { client, clock, candidate } = setUp()
    await client.create(leases, { metadata: ref, spec: { holderIdentity: 'ghost', leaseDurationSeconds: 15 } })
    const one = candidate('one')
    await clock.advance(1_000)
    await one.election.stop()
    expect(await one.election.ended).toEqual({ reason: 'stopped' })
    expect(one.terms).toEqual([])
    expect(clock.timers()).toBe(0)
  })
})
