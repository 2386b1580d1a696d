import { describe, expect, it } from 'vitest'
import { reconcile, type Plan, type Reconciler } from '../../../src/controller/reconciler.ts'
import { now } from './pairs.ts'

interface Observed {
  readonly status: { readonly recorded: number }
  readonly made: number
}
type Step = { readonly do: 'make' }
type Status = Observed['status']

/** Makes three things, each of which is written down before the next. */
const threeThings = ({ status, made }: Observed): Plan<Step, Status> =>
  status.recorded < made
    ? { status: { recorded: made }, step: { do: 'make' }, recheckMs: 0 }
    : made < 3
      ? { status, step: { do: 'make' }, recheckMs: 0 }
      : { status, recheckMs: 60_000 }

function worker(changes: Partial<Reconciler<Observed, Step, Status>> = {}) {
  const log: string[] = []
  let world: Observed = { status: { recorded: 0 }, made: 0 }
  const reconciler: Reconciler<Observed, Step, Status> = {
    name: 'three',
    plan: threeThings,
    observe: () => Promise.resolve(world),
    writeStatus: (_observed, status) => {
      log.push(`record ${status.recorded}`)
      world = { ...world, status }
      return Promise.resolve()
    },
    act: () => {
      world = { ...world, made: world.made + 1 }
      log.push(`make ${world.made}`)
      return Promise.resolve()
    },
    ...changes,
  }
  const run = (signal = new AbortController().signal) =>
    reconcile(reconciler, 'key', () => now, signal, {
      acted: (controller, key, step) => log.push(`told ${controller} ${key} ${step}`),
    })
  return { log, run }
}

describe('running one object to rest', () => {
  it('writes the status before it acts, every time, and tells of an action after it', async () => {
    const { log, run } = worker()
    expect(await run()).toBe(60_000)
    const told = 'told three key make'
    expect(log).toEqual(['make 1', told, 'record 1', 'make 2', told, 'record 2', 'make 3', told, 'record 3'])
  })

  it('does not act where the status cannot be written', async () => {
    const { log, run } = worker({
      plan: () => ({ status: { recorded: 9 }, step: { do: 'make' }, recheckMs: 0 }),
      writeStatus: () => Promise.reject(new Error('conflict')),
    })
    await expect(run()).rejects.toThrow('conflict')
    expect(log).toEqual([])
  })

  it('does not write a status that says the same', async () => {
    const { log, run } = worker({ plan: () => ({ status: { recorded: 0 }, recheckMs: 5 }) })
    expect(await run()).toBe(5)
    expect(log).toEqual([])
  })

  it('forgets an object that is gone', async () => {
    const { log, run } = worker({ observe: () => Promise.resolve(undefined) })
    expect(await run()).toBeUndefined()
    expect(log).toEqual([])
  })

  it('tells of no action that failed, and throws what it threw', async () => {
    const { log, run } = worker({ act: () => Promise.reject(new Error('refused')) })
    await expect(run()).rejects.toThrow('refused')
    expect(log).toEqual([])
  })

  it('gives up with the name of what does not come to rest', async () => {
    let steps = 0
    const { run } = worker({
      plan: ({ status }) => ({ status, step: { do: 'make' }, recheckMs: 0 }),
      act: () => {
        steps++
        return Promise.resolve()
      },
    })
    await expect(run()).rejects.toThrow('three key: did not come to rest in 200 steps')
    expect(steps).toBe(200)
  })

  it('begins nothing when its term is over', async () => {
    const { log, run } = worker()
    await expect(run(AbortSignal.abort(new Error('no longer leader')))).rejects.toThrow('no longer leader')
    expect(log).toEqual([])
  })

  it('writes nothing when its term ends while it observes', async () => {
    const term = new AbortController()
    const { log, run } = worker({
      observe: () => {
        term.abort(new Error('no longer leader'))
        return Promise.resolve({ status: { recorded: 0 }, made: 1 })
      },
    })
    await expect(run(term.signal)).rejects.toThrow('no longer leader')
    expect(log).toEqual([])
  })

  it('does not go on to the next action when its term ends during one', async () => {
    const term = new AbortController()
    let acted = 0
    const { run } = worker({
      act: () => {
        acted++
        term.abort(new Error('no longer leader'))
        return Promise.resolve()
      },
    })
    await expect(run(term.signal)).rejects.toThrow('no longer leader')
    expect(acted).toBe(1)
  })
})
