import { describe, expect, it } from 'vitest'
import { createWorkQueue } from '../../../src/kube/workQueue.ts'
import { createFakeClock, settle } from './fakeClock.ts'

const dayMs = 86_400_000

function setUp(random = 0) {
  const clock = createFakeClock()
  const queue = createWorkQueue({ clock, random: () => random })
  const handedOut: string[] = []
  /** A worker that never finishes a key by itself. */
  const take = () =>
    void queue.get().then((key) => {
      if (key !== undefined) handedOut.push(key)
    })
  return { clock, queue, handedOut, take }
}

describe('the work queue', () => {
  it('hands out a key once however often it was added', async () => {
    const { queue } = setUp()
    queue.add('a')
    queue.add('b')
    queue.add('a')
    expect(queue.depth()).toBe(2)
    expect(await queue.get()).toBe('a')
    expect(await queue.get()).toBe('b')
    expect(queue.depth()).toBe(0)
  })

  it('gives a key to one worker only, and once more after it if it was added meanwhile', async () => {
    const { queue, handedOut, take } = setUp()
    queue.add('a')
    take()
    take()
    queue.add('a')
    queue.add('a')
    await settle()
    expect(handedOut).toEqual(['a'])
    queue.done('a')
    await settle()
    expect(handedOut).toEqual(['a', 'a'])
    queue.done('a')
    take()
    await settle()
    expect(handedOut).toEqual(['a', 'a'])
  })

  it('wakes a worker that waits', async () => {
    const { queue, handedOut, take } = setUp()
    take()
    await settle()
    expect(handedOut).toEqual([])
    queue.add('a')
    await settle()
    expect(handedOut).toEqual(['a'])
  })

  it('adds a key later, at the earliest of the times asked for', async () => {
    const { clock, queue } = setUp()
    queue.addAfter('a', 10_000)
    queue.addAfter('a', 4_000)
    queue.addAfter('a', 60_000)
    await clock.advance(3_999)
    expect(queue.depth()).toBe(0)
    await clock.advance(1)
    expect(queue.depth()).toBe(1)
    await queue.get()
    queue.done('a')
    await clock.advance(120_000)
    expect(queue.depth()).toBe(0)
  })

  it('keeps a time that lies beyond what a timer of Node can hold', async () => {
    const { clock, queue } = setUp()
    queue.addAfter('a', 60 * dayMs)
    await clock.advance(2 * 60_000)
    expect(queue.depth()).toBe(0)
    clock.jump(59 * dayMs)
    await clock.advance(60_000)
    expect(queue.depth()).toBe(0)
    clock.jump(dayMs)
    await clock.advance(60_000)
    expect(queue.depth()).toBe(1)
  })

  it('notices within a minute that the machine was suspended past a time', async () => {
    const { clock, queue } = setUp()
    queue.addAfter('a', 3_600_000)
    await clock.advance(1_000)
    clock.suspend(3_600_000)
    await clock.advance(60_000)
    expect(queue.depth()).toBe(1)
  })

  it('is not held up by a wall clock that was set back by 400 days', async () => {
    const { clock, queue } = setUp()
    queue.addAfter('a', 5_000)
    clock.jump(-400 * dayMs)
    await clock.advance(5_000)
    expect(queue.depth()).toBe(1)
  })

  it('backs off from 5 ms to 1000 s, and starts again once the key is well', async () => {
    const { clock, queue } = setUp()
    const waits: number[] = []
    for (let attempt = 0; attempt < 20; attempt++) {
      // Pauses let the bucket that all keys share fill up again.
      await clock.advance(60_000)
      const before = clock.monotonicMs()
      queue.addRateLimited('a')
      while (queue.depth() === 0) await clock.advance(1 + (clock.monotonicMs() - before) / 100)
      waits.push(clock.monotonicMs() - before)
      queue.done((await queue.get()) ?? '')
    }
    expect(waits[0]).toBeCloseTo(5, -1)
    expect(waits[10]).toBeGreaterThanOrEqual(5 * 2 ** 10)
    expect(waits[10]).toBeLessThan(5 * 2 ** 10 * 1.05)
    expect(waits[19]).toBeGreaterThanOrEqual(1_000_000)
    expect(waits[19]).toBeLessThan(1_050_000)
    queue.forget('a')
    queue.addRateLimited('a')
    await clock.advance(6)
    expect(queue.depth()).toBe(1)
  })

  it('spreads backoffs by up to a quarter, towards earlier', async () => {
    const { clock, queue } = setUp(1)
    for (let failure = 0; failure < 10; failure++) {
      queue.addRateLimited('a')
      await clock.advance(10_000)
      queue.done((await queue.get()) ?? '')
    }
    queue.addRateLimited('a')
    await clock.advance(5 * 2 ** 10 * 0.75)
    expect(queue.depth()).toBe(1)
  })

  it('lets 100 failures through at once and then 10 a second', async () => {
    const { clock, queue } = setUp()
    for (let key = 0; key < 150; key++) queue.addRateLimited(`key-${key}`)
    await clock.advance(10)
    expect(queue.depth()).toBe(100)
    await clock.advance(1_000)
    expect(queue.depth()).toBe(110)
    await clock.advance(4_000)
    expect(queue.depth()).toBe(150)
  })

  it('hands out nothing more after it was shut down, and leaves no timer', async () => {
    const { clock, queue } = setUp()
    queue.add('a')
    queue.addAfter('b', 1_000)
    const waiting = createWorkQueue({ clock, random: () => 0 })
    const worker = waiting.get()
    queue.shutDown()
    waiting.shutDown()
    expect(await queue.get()).toBeUndefined()
    expect(await worker).toBeUndefined()
    queue.add('c')
    queue.addAfter('d', 1)
    expect(queue.depth()).toBe(0)
    expect(clock.timers()).toBe(0)
  })
})
