import type { IncomingMessage } from 'node:http'
import { answerFailed, callFailed, isApiError, readStatus, type Call } from './apiError.ts'
import type { WatchEvent } from './client.ts'
import type { Clock } from './clock.ts'
import type { KubeObject, Resource } from './object.ts'
import { isRecord, readJson, readObject } from './responseBody.ts'
import { connectionFailed } from './transport.ts'

export interface WatchParts {
  readonly clock: Clock
  /** How long the head of the answer may take. */
  readonly headMs: number
  /** How long nothing at all may come. */
  readonly silenceMs: number
  readonly lineBytes: number
  /** Sends the request; throws if the answer is not 200. */
  readonly open: (within: AbortSignal) => Promise<IncomingMessage>
}

/** The events of one watch request, as `Client.watch` promises them. */
export async function* watchEvents<T extends KubeObject>(
  call: Call & { readonly resource: Resource<T> },
  signal: AbortSignal,
  { clock, headMs, silenceMs, lineBytes, open }: WatchParts,
): AsyncGenerator<WatchEvent<T>, void> {
  if (signal.aborted) return
  const controller = new AbortController()
  const stop = () => controller.abort(callFailed(call, 'Aborted', 'given up by the caller'))
  signal.addEventListener('abort', stop, { once: true })
  const silentFor = (limitMs: number) =>
    clock.after(limitMs, () => controller.abort(callFailed(call, 'Timeout', `nothing came for ${limitMs} ms`)))
  let cancel = silentFor(headMs)
  const heard = () => {
    cancel()
    cancel = silentFor(silenceMs)
  }

  try {
    const response = await open(controller.signal)
    heard()
    for await (const line of lines(call, response, lineBytes, heard)) {
      yield readEvent(call, readJson(call, line))
    }
  } catch (error) {
    if (isApiError(controller.signal.reason, 'Aborted')) return
    throw controller.signal.aborted ? controller.signal.reason : connectionFailed(call, error)
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
    // When the consumer leaves the loop the server would go on sending. After an orderly end it changes nothing.
    stop()
  }
}

async function* lines(
  call: Call,
  response: IncomingMessage,
  longestBytes: number,
  heard: () => void,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let begun: string[] = []
  let begunLength = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    heard()
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n')
    begun.push(first)
    begunLength += first.length
    for (const next of others) {
      const line = begun.join('')
      if (line.trim() !== '') yield line
      begun = [next]
      begunLength = next.length
    }
    if (begunLength > longestBytes)
      throw callFailed(call, 'BadResponse', `an event is longer than ${longestBytes} bytes`)
  }
  if (begunLength > 0) throw callFailed(call, 'BadResponse', 'the stream ended inside an event')
}

function readEvent<T extends KubeObject>(
  call: Call & { readonly resource: Resource<T> },
  value: unknown,
): WatchEvent<T> {
  const { type, object } = isRecord(value) ? value : {}
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: readObject(call, object) }
    case 'BOOKMARK':
      return { type, resourceVersion: bookmarkOf(call, object) }
    case 'ERROR': {
      const status = readStatus(object)
      throw answerFailed(call, status?.code ?? 500, status)
    }
    default:
      throw callFailed(call, 'BadResponse', 'the stream holds something that is no event')
  }
}

/** A bookmark has no name, only a version. */
function bookmarkOf(call: Call, object: unknown): string {
  const metadata = isRecord(object) && isRecord(object['metadata']) ? object['metadata'] : {}
  const { resourceVersion } = metadata
  if (typeof resourceVersion === 'string' && resourceVersion !== '') return resourceVersion
  throw callFailed(call, 'BadResponse', 'a bookmark without resourceVersion')
}
