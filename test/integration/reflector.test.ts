import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/kube/clock.ts'
import { createHttpClient, type HttpClient } from '../../src/kube/httpClient.ts'
import { pods, type Pod } from '../../src/kube/resources.ts'
import { startReflector, type Reflector, type ReflectorPace } from '../../src/kube/reflector.ts'
import { createSilentLog } from '../unit/kube/silentLog.ts'
import { errorLine, namespace, startLyingApiServer, type LyingApiServer } from './lyingApiServer.ts'

const quick = { attemptGapMs: 20, longestExtraGapMs: 60, pageSize: 2 }

let server: LyingApiServer
let client: HttpClient
let reflector: Reflector<Pod>

async function setUp(names: readonly string[] = ['a', 'b', 'c'], watchSilenceMs = 60_000): Promise<void> {
  server = await startLyingApiServer()
  client = createHttpClient(server.connection, systemClock, { deadlineMs: 1_000, watchSilenceMs })
  for (const name of names) server.put(name)
}

function follow(pace: Partial<ReflectorPace> = {}): void {
  const edges = { clock: systemClock, random: Math.random, log: createSilentLog() }
  reflector = startReflector(client, pods, { namespace }, edges, { ...quick, ...pace })
}

async function setUpAndFollow(pace: Partial<ReflectorPace> = {}, watchSilenceMs?: number): Promise<void> {
  await setUp(undefined, watchSilenceMs)
  follow(pace)
  await reflector.synced
  await vi.waitFor(() => expect(server.watching()).toBe(1))
}

const known = () =>
  reflector.store
    .list()
    .map(({ metadata }) => metadata.name)
    .sort()
const knows = (...names: string[]) => vi.waitFor(() => expect(known()).toEqual(names), { timeout: 5_000, interval: 5 })
const lists = () => server.seen.filter(({ asked, query }) => asked === 'list' && !query.has('continue')).length
const watches = () => server.seen.filter(({ asked }) => asked === 'watch').length

afterEach(async () => {
  reflector.stop()
  client.close()
  await server.close()
})

describe('the reflector', () => {
  it('reads a list in pages, then watches from its version with bookmarks and a bounded time', async () => {
    await setUpAndFollow()
    expect(known()).toEqual(['a', 'b', 'c'])
    const [first, second, watch] = server.seen
    expect(first?.query.get('limit')).toBe('2')
    expect(second?.query.get('continue')).toBe('4.2')
    expect(watch?.query.get('resourceVersion')).toBe('4')
    expect(watch?.query.get('allowWatchBookmarks')).toBe('true')
    const seconds = Number(watch?.query.get('timeoutSeconds'))
    expect(seconds).toBeGreaterThanOrEqual(300)
    expect(seconds).toBeLessThanOrEqual(600)
  })

  it('follows what is made, changed and deleted, and tells its listeners', async () => {
    await setUpAndFollow()
    const told: string[] = []
    reflector.store.subscribe(({ type, object }) => told.push(`${type} ${object.metadata.name}`))
    expect(told).toEqual(['added a', 'added b', 'added c'])
    server.put('d')
    server.put('a')
    server.remove('b')
    await knows('a', 'c', 'd')
    expect(told.slice(3)).toEqual(['added d', 'updated a', 'deleted b'])
  })

  it('is not synced before a whole list was read, however often that fails', async () => {
    await setUp()
    server.lie(
      'list',
      { kind: 'status', code: 500 },
      { kind: 'reset' },
      { kind: 'truncate' },
      { kind: 'status', code: 403 },
    )
    follow()
    await vi.waitFor(() => expect(lists()).toBeGreaterThanOrEqual(3))
    expect(reflector.isSynced()).toBe(false)
    expect(known()).toEqual([])
    await reflector.synced
    expect(known()).toEqual(['a', 'b', 'c'])
  })

  it('is not synced by half of the pages', async () => {
    await setUp()
    server.lie('list', { kind: 'slow', ms: 0 }, { kind: 'stall' })
    follow()
    await vi.waitFor(() => expect(server.seen).toHaveLength(2))
    expect(reflector.isSynced()).toBe(false)
    expect(known()).toEqual([])
    await reflector.synced
    expect(known()).toEqual(['a', 'b', 'c'])
  })

  it('reads all in one answer when the snapshot behind the pages has expired', async () => {
    await setUp()
    server.lie('list', { kind: 'slow', ms: 0 }, { kind: 'status', code: 410, reason: 'Expired' })
    follow()
    await reflector.synced
    expect(server.seen.map(({ query }) => query.get('limit'))).toEqual(['2', '2', null])
  })

  it.each([
    ['500', { kind: 'status', code: 500 }],
    ['a reset', { kind: 'reset' }],
    ['a stall', { kind: 'stall' }],
    ['429 with Retry-After', { kind: 'status', code: 429, headers: { 'Retry-After': '0' } }],
    ['410', { kind: 'status', code: 410, reason: 'Expired' }],
    ['a truncated event', { kind: 'truncate' }],
    ['a proxy that says 404', { kind: 'text', code: 404, body: 'no such page' }],
    ['a login page', { kind: 'text', code: 200, body: '<html>\nplease log in\n</html>' }],
  ] as const)('goes on after a watch that met %s', async (_what, lie) => {
    await setUp()
    server.lie('watch', lie)
    follow()
    await reflector.synced
    server.put('d')
    await knows('a', 'b', 'c', 'd')
    await vi.waitFor(() => expect(server.watching()).toBe(1))
    server.remove('a')
    await knows('b', 'c', 'd')
  })

  it.each([
    ['is reset', () => server.endWatches('reset')],
    ['ends in order', () => server.endWatches('end')],
    ['brings an ERROR of 410', () => server.say(errorLine(410, 'Expired'))],
    ['brings an ERROR of 500', () => server.say(errorLine(500, 'InternalError'))],
    ['brings what is not JSON', () => server.say('{"type":"ADDED","object":\n')],
    ['brings an object without a name', () => server.say('{"type":"ADDED","object":{"metadata":{}}}\n')],
    ['brings an event of an unknown type', () => server.say('{"type":"NEWS","object":{}}\n')],
  ])('goes on after a watch that %s', async (_what, happen) => {
    await setUpAndFollow()
    server.put('d')
    await knows('a', 'b', 'c', 'd')
    happen()
    server.put('e')
    server.remove('a')
    await knows('b', 'c', 'd', 'e')
  })

  it('takes up an interrupted watch where it was, without listing again', async () => {
    await setUpAndFollow()
    server.bookmark()
    await vi.waitFor(() => expect(reflector.lastEventAt().getTime()).toBeGreaterThan(0))
    server.endWatches('reset')
    server.put('d')
    await knows('a', 'b', 'c', 'd')
    expect(lists()).toBe(1)
  })

  it('lists again when the place where it was is no longer known, and notices what vanished', async () => {
    await setUpAndFollow()
    const deleted: string[] = []
    reflector.store.subscribe(({ type, object }) => {
      if (type === 'deleted') deleted.push(object.metadata.name)
    })
    await server.goAway()
    server.remove('b')
    server.put('d')
    server.compact()
    await server.comeBack()
    await knows('a', 'c', 'd')
    expect(deleted).toEqual(['b'])
    expect(lists()).toBe(2)
  })

  it('leaves a watch that says nothing at all, for it may be half open', async () => {
    await setUpAndFollow({}, 200)
    server.deafen()
    server.put('d')
    await knows('a', 'b', 'c', 'd')
  })

  it('stays on a watch whose only sign of life are bookmarks', async () => {
    await setUpAndFollow({}, 300)
    for (let round = 0; round < 8; round++) {
      const before = reflector.lastEventAt().getTime()
      await vi.waitFor(() => {
        server.bookmark()
        expect(reflector.lastEventAt().getTime()).toBeGreaterThan(before)
      })
      await new Promise((resolve) => setTimeout(resolve, 80))
    }
    expect(watches()).toBe(1)
  })

  it('does not take a watch on which nothing happens for a dead one before its time', async () => {
    await setUpAndFollow()
    // Longer than a call may take.
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(watches()).toBe(1)
  })

  it('finds by its regular full list what a watch did not tell', async () => {
    await setUpAndFollow({ resyncMs: 1_000 }, 60_000)
    server.deafen()
    server.put('d')
    server.remove('a')
    // The server keeps to the time that it was given, as a real one does.
    await vi.waitFor(() => expect(server.seen.at(-1)?.query.get('timeoutSeconds')).toBe('1'))
    setTimeout(() => server.endWatches('end'), 1_000)
    await knows('b', 'c', 'd')
  })

  it('keeps what it knows while the API server is away, tries at a bounded rate, and is back soon', async () => {
    await setUpAndFollow({ attemptGapMs: 100, longestExtraGapMs: 100 })
    await server.goAway()
    const attempts = vi.spyOn(client, 'watch')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(known()).toEqual(['a', 'b', 'c'])
    expect(attempts.mock.calls.length).toBeGreaterThanOrEqual(3)
    expect(attempts.mock.calls.length).toBeLessThanOrEqual(10)
    await server.comeBack()
    server.put('d')
    await knows('a', 'b', 'c', 'd')
  })

  it('opens no connection for a watch that follows one that ended in order', async () => {
    await setUpAndFollow({ attemptGapMs: 1 })
    const before = server.connections()
    for (let round = 2; round < 30; round++) {
      server.endWatches('end')
      await vi.waitFor(() => expect([watches(), server.watching()]).toEqual([round, 1]), { interval: 1 })
    }
    expect(server.connections() - before).toBeLessThanOrEqual(1)
  })

  it('freezes what it hands out', async () => {
    await setUpAndFollow()
    const pod = reflector.store.get(`${namespace}/a`)
    expect(Object.isFrozen(pod)).toBe(true)
    expect(Object.isFrozen(pod?.metadata)).toBe(true)
  })

  it('rejects its promise to be synced if it is stopped before', async () => {
    await setUp()
    server.lie('list', { kind: 'stall' })
    follow()
    reflector.stop()
    await expect(reflector.synced).rejects.toMatchObject({ code: 'Aborted' })
  })
})
