import type { Log } from '../observe/log.ts'
import { ApiError, isApiError } from './apiError.ts'
import type { Client, Selection } from './client.ts'
import { pause, type Clock } from './clock.ts'
import type { KubeObject, Resource } from './object.ts'
import { createStore, type Store } from './store.ts'

/** A copy of a selection of objects that follows the API server by itself. */
export interface Reflector<T extends KubeObject> {
  readonly store: Store<T>
  /** Resolves once a whole list is in the store, and not before; rejects (`Aborted`) only if stopped until then. */
  readonly synced: Promise<void>
  isSynced(): boolean
  /** When the API server was last heard: a list, an event, a bookmark or the orderly end of a watch. */
  lastEventAt(): Date
  /** Ends it; the store keeps what it has. */
  stop(): void
}

export interface ReflectorEdges {
  readonly clock: Clock
  /** 0 … 1, as `Math.random`. */
  readonly random: () => number
  readonly log: Log
}

export interface ReflectorPace {
  /** All is listed again this often, whatever the watch said: the bound for an event that got lost. */
  readonly resyncMs: number
  /** The server is asked to end a watch after something between the two. */
  readonly shortestWatchMs: number
  readonly longestWatchMs: number
  readonly pageSize: number
  /** Between two attempts there is at least the first, and after failures up to both together. */
  readonly attemptGapMs: number
  readonly longestExtraGapMs: number
}

// The longest gap is short on purpose: an API server that returns is noticed within 4 s, at 1 attempt/s at the very most.
const defaultPace: ReflectorPace = {
  resyncMs: 600_000,
  shortestWatchMs: 300_000,
  longestWatchMs: 600_000,
  pageSize: 500,
  attemptGapMs: 1_000,
  longestExtraGapMs: 3_000,
}

const sameFailureAgainMs = 60_000

/**
 * Lists, then watches, for ever: an error of whatever kind only means the next attempt. What was listed stays in the store
 * through an outage of any length.
 */
export function startReflector<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  selection: Selection,
  { clock, random, log }: ReflectorEdges,
  pace: Partial<ReflectorPace> = {},
): Reflector<T> {
  const { resyncMs, shortestWatchMs, longestWatchMs, pageSize, attemptGapMs, longestExtraGapMs } = {
    ...defaultPace,
    ...pace,
  }
  const controller = new AbortController()
  const { signal } = controller
  const { promise: synced, resolve: nowSynced, reject: neverSynced } = Promise.withResolvers<undefined>()
  // Whoever does not wait for it must not be killed by it.
  synced.catch(() => undefined)
  const ofResource = { resource: resource.plural }
  const store = createStore<T>((error) => log.error('a listener of a store failed', { ...ofResource, error }))
  const complain = onceInAWhile(clock, log)
  let isSynced = false
  let lastEventAt = clock.now()
  let failures = 0

  const heard = () => {
    lastEventAt = clock.now()
    failures = 0
  }

  /** Puts a full and consistent list into the store; answers where the watch goes on from. */
  async function list(limit: number | undefined): Promise<string> {
    const items: T[] = []
    let next: string | undefined
    for (;;) {
      const page = await client.list(resource, {
        ...selection,
        signal,
        ...(limit === undefined ? {} : { limit }),
        ...(next === undefined ? {} : { continue: next }),
      })
      if (page.continue !== undefined && page.continue === next) {
        throw new ApiError('BadResponse', `list ${resource.plural}: the same page again and again`)
      }
      items.push(...page.items)
      next = page.continue
      if (next !== undefined) continue
      store.replace(items)
      return page.resourceVersion
    }
  }

  async function listAll(): Promise<string> {
    try {
      return await list(pageSize)
    } catch (error) {
      // The snapshot behind the pages can expire while we read them; then we need all in one answer.
      if (isApiError(error, 'Expired')) return await list(undefined)
      throw error
    }
  }

  /** Watches from `version` to the end of this watch, and answers how far it came. */
  async function watch(version: string, longestMs: number, seen: (version: string) => void): Promise<void> {
    const span = shortestWatchMs + random() * (longestWatchMs - shortestWatchMs)
    const timeoutSeconds = Math.max(1, Math.ceil(Math.min(span, longestMs) / 1000))
    const options = { ...selection, resourceVersion: version, timeoutSeconds, allowBookmarks: true }
    for await (const event of client.watch(resource, options, signal)) {
      heard()
      if (event.type === 'BOOKMARK') {
        seen(event.resourceVersion)
        continue
      }
      if (event.type === 'DELETED') store.remove(event.object)
      else store.put(event.object)
      seen(event.object.metadata.resourceVersion ?? version)
    }
    lastEventAt = signal.aborted ? lastEventAt : clock.now()
  }

  /** From one full list until it is time, or a reason, for the next. */
  async function follow(): Promise<void> {
    let version = await listAll()
    heard()
    isSynced = true
    nowSynced(undefined)
    const listAgainMs = clock.monotonicMs() + resyncMs
    while (!signal.aborted && clock.monotonicMs() < listAgainMs) {
      const startedMs = clock.monotonicMs()
      try {
        await watch(version, listAgainMs - startedMs, (seen) => (version = seen))
      } catch (error) {
        // Where the connection only broke, the server still has what came since; else nobody knows what we missed.
        if (!isApiError(error, 'ConnectionFailed', 'Timeout', 'TooManyRequests')) throw error
        await recover(error)
        continue
      }
      await pause(clock, startedMs + attemptGapMs - clock.monotonicMs(), signal)
    }
  }

  async function recover(error: unknown): Promise<void> {
    if (signal.aborted) return
    const asked = isApiError(error) ? (error.retryAfterMs ?? 0) : 0
    const extraMs = random() * Math.min(attemptGapMs * 2 ** failures, longestExtraGapMs)
    failures = Math.min(failures + 1, 16)
    complain(error, ofResource)
    await pause(clock, Math.max(attemptGapMs + extraMs, Math.min(asked, 60_000)), signal)
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow()
      } catch (error) {
        await recover(error)
      }
    }
  }

  void run()
  return {
    store,
    synced,
    isSynced: () => isSynced,
    lastEventAt: () => lastEventAt,
    stop: () => {
      controller.abort()
      neverSynced(new ApiError('Aborted', `the reflector of ${resource.plural} was stopped`))
    },
  }
}

/** Logs a failure, and the same one again only after a minute: an outage of an hour is not thousands of lines. */
function onceInAWhile(clock: Clock, log: Log): (error: unknown, fields: { readonly resource: string }) => void {
  let last = { message: '', atMs: 0 }
  return (error, fields) => {
    const message = error instanceof Error ? error.message : 'unknown'
    const nowMs = clock.monotonicMs()
    if (message === last.message && nowMs - last.atMs < sameFailureAgainMs) return
    last = { message, atMs: nowMs }
    log.warn('a watch failed and is tried again', { ...fields, error })
  }
}
