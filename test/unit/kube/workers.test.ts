import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kube/apiError.ts'
import { runWorkers, type Reconcile, type ReconcileOutcome } from '../../../src/kube/workers.ts'
import { createWorkQueue } from '../../../src/kube/workQueue.ts'
import { createFakeClock, settle } from './fakeClock.ts'
import { createSilentLog } from './silentLog.ts'

function start(reconcile: Reconcile, concurrency = 1) {
  const clock = createFakeClock()
  const queue = createWorkQueue({ clock, random: () => 0 })
  const log = createSilentLog()
  const stop = new AbortController()
  const outcomes: ReconcileOutcome[] = []
  const options = { controller: 'test', concurrency, signal: stop.signal, clock, log }
  const ended = runWorkers(queue, reconcile, { ...options, onReconciled: (outcome) => outcomes.push(outcome) })
  return { clock, queue, log, stop, outcomes, ended }
}

describe('the workers', () => {
  it('asks again when the reconciler says so, and not otherwise', async () => {
    const seen: string[] = []
    const { clock, queue, stop, ended, outcomes } = start((key) => {
      seen.push(key)
      return Promise.resolve(key === 'again' ? { requeueAfterMs: 60_000 } : undefined)
    })
    queue.add('once')
    queue.add('again')
    await clock.advance(59_999)
    expect(seen).toEqual(['once', 'again'])
    await clock.advance(1)
    expect(seen).toEqual(['once', 'again', 'again'])
    expect(outcomes).toEqual(['success', 'requeue', 'requeue'])
    stop.abort()
    await ended
  })

  it('tries again what throws, after a backoff, and forgets the backoff on success', async () => {
    let failures = 3
    const { clock, queue, stop, ended, outcomes, log } = start(async () => {
      await Promise.resolve()
      if (failures-- > 0) throw new Error('broken')
    })
    queue.add('a')
    await clock.advance(5 + 10 + 20)
    expect(outcomes).toEqual(['error', 'error', 'error', 'success'])
    expect(queue.failures('a')).toBe(0)
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(3)
    stop.abort()
    await ended
  })

  it('takes a conflict for something ordinary', async () => {
    let first = true
    const { clock, queue, stop, ended, outcomes, log } = start(async () => {
      await Promise.resolve()
      if (!first) return
      first = false
      throw new ApiError('Conflict', 'somebody wrote')
    })
    queue.add('a')
    await clock.advance(5)
    expect(outcomes).toEqual(['conflict', 'success'])
    expect(log.lines.some(({ level }) => level === 'warn')).toBe(false)
    stop.abort()
    await ended
  })

  it('works on as many keys at once as it may, and never on one key twice', async () => {
    const running: string[] = []
    const finish: (() => void)[] = []
    const { queue, stop, ended } = start((key) => {
      running.push(key)
      return new Promise<void>((resolve) => finish.push(resolve))
    }, 2)
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await settle()
    queue.add('a')
    await settle()
    expect(running).toEqual(['a', 'b'])
    finish[0]?.()
    await settle()
    expect(running).toEqual(['a', 'b', 'c'])
    stop.abort()
    for (const end of finish) end()
    await ended
  })

  it('ends only when the last reconciliation has returned, and begins none after the signal', async () => {
    let told = false
    let finish: () => void = () => undefined
    const { queue, stop, ended } = start((key, signal) => {
      expect(key).toBe('a')
      signal.addEventListener('abort', () => (told = true))
      return new Promise<void>((resolve) => (finish = resolve))
    })
    queue.add('a')
    queue.add('b')
    await settle()
    let isOver = false
    void ended.then(() => (isOver = true))
    stop.abort()
    await settle()
    expect(told).toBe(true)
    expect(isOver).toBe(false)
    finish()
    await ended
  })
})
