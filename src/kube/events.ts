import { createHash } from 'node:crypto'
import type { Log } from '../observe/log.ts'
import { isApiError } from './apiError.ts'
import type { Client } from './client.ts'
import type { Clock } from './clock.ts'
import { microTime } from './microTime.ts'
import { apiVersionOf, objectKey, type KubeObject, type Ref } from './object.ts'
import { events, type Event } from './resources.ts'
import { createTokenBucket } from './tokenBucket.ts'

/** One thing to tell people who look at an object. */
export interface Occurrence {
  readonly type: 'Normal' | 'Warning'
  /** Why, in one word; stable, machines read it. */
  readonly reason: string
  /** What the controller was doing, in one word. */
  readonly action: string
  /** For people. Cut at 1 KiB. */
  readonly note: string
}

/** Tells of occurrences as Events of events.k8s.io/v1. */
export interface Recorder {
  /** Returns at once and never throws: an Event that cannot be written is dropped. */
  record(regarding: KubeObject, occurrence: Occurrence): void
  /** Resolves when what was recorded so far is written or dropped. */
  flush(): Promise<void>
}

export interface RecorderOptions {
  /** `reportingController`, a qualified name. */
  readonly controller: string
  /** `reportingInstance`: the pod. */
  readonly instance: string
}

export interface RecorderEdges {
  readonly clock: Clock
  readonly log: Log
}

interface Series {
  readonly ref: Ref
  readonly event: Event
  count: number
  lastMs: number
}

const sameSeriesMs = 600_000
const mostSeries = 1_000
const mostUnwritten = 200
const writesPerSecond = 2
const writeBurst = 50
const deadlineMs = 5_000
/** Limits of the API server's validation of events.k8s.io/v1. */
const longestNoteBytes = 1_024
const longestWord = 128

/**
 * The same reason and note about the same object within ten minutes is one Event whose series counts up. All writes
 * share one rate; what is beyond it is still counted, and told with the next occurrence that finds room.
 */
export function createRecorder(
  client: Client,
  { controller, instance }: RecorderOptions,
  { clock, log }: RecorderEdges,
): Recorder {
  const bucket = createTokenBucket(clock, writesPerSecond, writeBurst)
  const known = new Map<string, Series>()
  let unwritten = 0
  let written: Promise<void> = Promise.resolve()

  /** The series of this occurrence, counted up; a new one where there is none or the last time is too long ago. */
  function countUp(regarding: KubeObject, occurrence: Occurrence): Series {
    const { uid = '' } = regarding.metadata
    const key = JSON.stringify([regarding.kind, objectKey(regarding), uid, occurrence])
    const nowMs = clock.monotonicMs()
    const former = known.get(key)
    known.delete(key)
    const series =
      former !== undefined && nowMs - former.lastMs < sameSeriesMs ? former : newSeries(regarding, occurrence)
    series.count += 1
    series.lastMs = nowMs
    // A Map keeps the order of insertion: the first is the one that was quiet for longest.
    known.set(key, series)
    const [oldest] = known.keys()
    if (known.size > mostSeries && oldest !== undefined) known.delete(oldest)
    return series
  }

  function newSeries(regarding: KubeObject, { type, reason, action, note }: Occurrence): Series {
    const now = clock.now()
    const { name, namespace, uid, resourceVersion } = regarding.metadata
    // Events about cluster-scoped objects live in `default`: the API server refuses them anywhere else.
    const ref = { namespace: namespace ?? 'default', name: eventName(name, [regarding.kind, uid, reason, note, now]) }
    const event: Event = {
      apiVersion: apiVersionOf(events),
      kind: events.kind,
      metadata: ref,
      eventTime: microTime(now),
      type,
      reason: reason.slice(0, longestWord),
      action: action.slice(0, longestWord),
      note: cutToBytes(note, longestNoteBytes),
      reportingController: controller,
      reportingInstance: instance.slice(0, longestWord),
      regarding: {
        name,
        ...(regarding.apiVersion === undefined ? {} : { apiVersion: regarding.apiVersion }),
        ...(regarding.kind === undefined ? {} : { kind: regarding.kind }),
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    }
    return { ref, event, count: 0, lastMs: 0 }
  }

  async function write({ ref, event, count }: Series): Promise<void> {
    const series = count > 1 ? { series: { count, lastObservedTime: microTime(clock.now()) } } : undefined
    try {
      if (series) {
        await client.mergePatch(events, ref, series, { deadlineMs })
        return
      }
    } catch (error) {
      // Events are kept for an hour, and the first of this series may never have been written.
      if (!isApiError(error, 'NotFound')) throw error
    }
    await client.create(events, { ...event, ...series }, { deadlineMs })
  }

  async function tryToWrite(series: Series): Promise<void> {
    try {
      await write(series)
    } catch (error) {
      log.warn('an Event could not be written', {
        name: objectKey(series.ref),
        reason: series.event.reason ?? '',
        error,
      })
    } finally {
      unwritten -= 1
    }
  }

  return {
    record: (regarding, occurrence) => {
      const series = countUp(regarding, occurrence)
      if (unwritten >= mostUnwritten || !bucket.tryTake()) return
      unwritten += 1
      written = written.then(() => tryToWrite(series))
    },
    flush: () => written,
  }
}

/** A name nobody else makes, and always a valid one: the object's name may be 253 characters long itself. */
function eventName(objectName: string, about: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 16)
  return `${objectName.slice(0, 230).replace(/[^a-z0-9]+$/, '')}.${digest}`
}

function cutToBytes(text: string, longest: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= longest) return text
  // A character cut in half becomes the replacement character, which is dropped.
  return new TextDecoder().decode(bytes.subarray(0, longest)).replace(/\uFFFD+$/, '')
}
