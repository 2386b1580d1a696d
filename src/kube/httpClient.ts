import type { IncomingMessage } from 'node:http'
import { answerFailed, callFailed, isApiError, readStatus, type ApiError, type Call } from './apiError.ts'
import type { CallOptions, Client, WriteOptions } from './client.ts'
import { pause, type Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import { accepts, pathOf, queryOf } from './endpoint.ts'
import { apiVersionOf, refOf, type KubeObject, type Ref, type Resource } from './object.ts'
import { readBody, readJson, readList, readObject } from './responseBody.ts'
import { connectionFailed, createTransport, type Outgoing } from './transport.ts'
import { watchEvents } from './watchStream.ts'

/** The client over HTTPS, and what only the transport knows. */
export interface HttpClient extends Client {
  /** Local clock minus the API server's, as of its last answer; undefined before the first. Exact to a second or two. */
  serverClockSkewMs(): number | undefined
  /** Ends all connections; calls under way fail. */
  close(): void
}

export interface HttpClientLimits {
  readonly deadlineMs: number
  /** TCP and TLS handshake together; shorter than the deadline of most calls. */
  readonly connectMs: number
  readonly responseBytes: number
  /** Longest line of a watch; etcd holds objects of 1.5 MiB. */
  readonly eventBytes: number
  /** A watch that brings nothing for this long is dead: bookmarks come about once a minute. */
  readonly watchSilenceMs: number
}

const defaultLimits: HttpClientLimits = {
  deadlineMs: 30_000,
  connectMs: 10_000,
  responseBytes: 64 * 1024 * 1024,
  eventBytes: 8 * 1024 * 1024,
  watchSilenceMs: 150_000,
}

const readAttempts = 4

interface Tried extends Call, CallOptions {
  readonly outgoing: Outgoing
}

export function createHttpClient(
  connection: Connection,
  clock: Clock,
  limits: Partial<HttpClientLimits> = {},
): HttpClient {
  const {
    deadlineMs: defaultDeadlineMs,
    connectMs,
    responseBytes,
    eventBytes,
    watchSilenceMs,
  } = { ...defaultLimits, ...limits }
  const transport = createTransport(connection, clock, connectMs)

  /** One call to its end: sends, reads the whole body, waits where a reader is asked to come back later. */
  async function call({ outgoing, signal, deadlineMs = defaultDeadlineMs, ...call }: Tried): Promise<unknown> {
    const limit = limited(call, clock, deadlineMs, signal)
    try {
      for (let attempt = 1; ; attempt++) {
        const response = await transport.send(call, outgoing, limit.signal)
        const body = await readBody(call, response, responseBytes)
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) return readJson(call, body)
        const failure = refused(call, response, body, clock)
        const again =
          outgoing.method === 'GET' && attempt < readAttempts && isApiError(failure, 'TooManyRequests', 'ServerError')
        if (!again || failure.retryAfterMs === undefined || failure.retryAfterMs > limit.leftMs()) throw failure
        await pause(clock, failure.retryAfterMs, limit.signal)
      }
    } catch (error) {
      // The connection breaks because the limit broke it: the limit's own words are the truth.
      throw limit.signal.aborted ? limit.signal.reason : connectionFailed(call, error)
    } finally {
      limit.done()
    }
  }

  async function write<T extends KubeObject>(
    verb: string,
    method: Outgoing['method'],
    contentType: string,
    resource: Resource<T>,
    ref: Ref,
    body: object,
    { fieldManager, force, subresource, ...limit }: WriteOptions & { force?: boolean; subresource?: 'status' },
  ): Promise<T> {
    const tried = { verb: subresource ? `${verb} ${subresource} of` : verb, resource, ref }
    const query = queryOf({ fieldManager, force })
    const target = method === 'POST' ? { namespace: ref.namespace } : ref
    const path = pathOf(tried, target, subresource) + query
    const headers = { ...accepts(resource, 'one'), 'Content-Type': contentType }
    const answer = await call({ ...tried, ...limit, outgoing: { method, path, headers, body: JSON.stringify(body) } })
    return readObject(tried, answer)
  }

  const whole = (resource: Resource, object: KubeObject) => ({
    ...object,
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
  })

  return {
    async get(resource, ref, options = {}) {
      const tried = { verb: 'get', resource, ref }
      const outgoing: Outgoing = { method: 'GET', path: pathOf(tried, ref), headers: accepts(resource, 'one') }
      try {
        return readObject(tried, await call({ ...tried, ...options, outgoing }))
      } catch (error) {
        if (isMissing(error, ref)) return undefined
        throw error
      }
    },
    async list(resource, { namespace, labelSelector, fieldSelector, limit, continue: from, ...options } = {}) {
      const tried = { verb: 'list', resource }
      const path = pathOf(tried, { namespace }) + queryOf({ labelSelector, fieldSelector, limit, continue: from })
      const outgoing: Outgoing = { method: 'GET', path, headers: accepts(resource, 'list') }
      return readList(tried, await call({ ...tried, ...options, outgoing }))
    },
    create: (resource, object, options = {}) =>
      write('create', 'POST', 'application/json', resource, refOf(object), whole(resource, object), options),
    update: (resource, object, options = {}) =>
      write('update', 'PUT', 'application/json', resource, refOf(object), whole(resource, object), options),
    updateStatus: (resource, object, options = {}) =>
      write('update', 'PUT', 'application/json', resource, refOf(object), whole(resource, object), {
        ...options,
        subresource: 'status',
      }),
    // JSON is YAML, and this content type is how server-side apply is asked for.
    apply: (resource, object, options) =>
      write(
        'apply',
        'PATCH',
        'application/apply-patch+yaml',
        resource,
        refOf(object),
        whole(resource, object),
        options,
      ),
    mergePatch: (resource, ref, patch, options = {}) =>
      write('patch', 'PATCH', 'application/merge-patch+json', resource, ref, patch, options),
    async delete(resource, ref, { uid, resourceVersion, propagation, ...options } = {}) {
      const tried = { verb: 'delete', resource, ref }
      const body = JSON.stringify({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid, resourceVersion },
        propagationPolicy: propagation,
      })
      const headers = { Accept: 'application/json', 'Content-Type': 'application/json' }
      try {
        await call({ ...tried, ...options, outgoing: { method: 'DELETE', path: pathOf(tried, ref), headers, body } })
        return true
      } catch (error) {
        if (isMissing(error, ref)) return false
        throw error
      }
    },
    watch(resource, { namespace, allowBookmarks = true, ...selection }, signal) {
      const tried = { verb: 'watch', resource }
      const query = queryOf({ watch: true, allowWatchBookmarks: allowBookmarks, ...selection })
      const outgoing: Outgoing = {
        method: 'GET',
        path: pathOf(tried, { namespace }) + query,
        headers: accepts(resource, 'one'),
      }
      return watchEvents(tried, signal, {
        clock,
        headMs: defaultDeadlineMs,
        silenceMs: watchSilenceMs,
        lineBytes: eventBytes,
        open: async (within) => {
          const response = await transport.send(tried, outgoing, within)
          if (response.statusCode === 200) return response
          throw refused(tried, response, await readBody(tried, response, responseBytes), clock)
        },
      })
    },
    serverClockSkewMs: () => transport.serverClockSkewMs(),
    close: () => transport.close(),
  }
}

/** The server's own word that just this object is not there; it is what `undefined` and `false` stand on. */
function isMissing(error: unknown, { name }: Ref): boolean {
  return isApiError(error, 'NotFound') && error.reason === 'NotFound' && error.subject === name
}

function refused(call: Call, response: IncomingMessage, body: string, clock: Clock): ApiError {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = undefined
  }
  return answerFailed(
    call,
    response.statusCode ?? 0,
    readStatus(parsed),
    retryAfterMs(response.headers['retry-after'], clock.now()),
  )
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isFinite(at) ? Math.max(0, at - now.getTime()) : undefined
}

/** A signal that is aborted by the caller's or by the deadline, with the `ApiError` to throw as its reason. */
function limited(call: Call, clock: Clock, deadlineMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController()
  const endsMs = clock.monotonicMs() + deadlineMs
  const cancel = clock.after(deadlineMs, () =>
    controller.abort(callFailed(call, 'Timeout', `no answer within ${Math.round(deadlineMs)} ms`)),
  )
  const abort = () => controller.abort(callFailed(call, 'Aborted', 'given up by the caller'))
  outer?.addEventListener('abort', abort, { once: true })
  if (outer?.aborted) abort()
  return {
    signal: controller.signal,
    leftMs: () => endsMs - clock.monotonicMs(),
    done: () => {
      cancel()
      outer?.removeEventListener('abort', abort)
    },
  }
}
