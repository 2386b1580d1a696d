import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { callFailed, isApiError, type ApiError, type Call } from './apiError.ts'
import type { Clock } from './clock.ts'
import type { Connection, Credentials } from './connection.ts'

/** One request as it goes out. `path` begins with a slash and is escaped. */
export interface Outgoing {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** One pool of keep-alive connections to one API server. */
export interface Transport {
  /**
   * Sends, and waits for the head of the answer; its body is still to be read. Aborting the signal destroys both.
   * A GET whose kept connection turns out to be dead is sent again; nothing else is, as it may have been done already.
   */
  send(call: Call, outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage>
  /** Local clock minus the API server's, as of the last answer, to the second; undefined before the first. */
  serverClockSkewMs(): number | undefined
  close(): void
}

// The API server closes idle connections after 90 s: closing first, we never write into one that it is closing.
const idleConnectionMs = 60_000
const credentialsLastMs = 30_000
const deadConnectionsInARow = 5

interface Access {
  readonly agent: Agent
  readonly credentials: Credentials
  readonly freshUntilMs: number
}

export function createTransport(connection: Connection, clock: Clock, connectMs: number): Transport {
  let current: Access | undefined
  let skewMs: number | undefined

  async function access(): Promise<Access> {
    if (current !== undefined && clock.monotonicMs() < current.freshUntilMs) return current
    const credentials = await readAgain(connection, current?.credentials)
    const freshUntilMs = clock.monotonicMs() + credentialsLastMs
    if (current !== undefined && sameTls(current.credentials, credentials)) {
      current = { agent: current.agent, credentials, freshUntilMs }
    } else {
      // Requests under way finish on their old connections; idle ones carry a certificate that is no longer ours.
      for (const socket of Object.values(current?.agent.freeSockets ?? {}).flat()) socket?.destroy()
      current = { agent: newAgent(credentials), credentials, freshUntilMs }
    }
    return current
  }

  async function send(call: Call, outgoing: Outgoing, signal: AbortSignal): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const { agent, credentials } = await access()
      signal.throwIfAborted()
      const request = open(connection.server, agent, { ...outgoing.headers, ...credentials.headers }, outgoing, signal)
      try {
        const response = await answerTo(call, request, outgoing.body, { clock, connectMs })
        const date = Date.parse(response.headers.date ?? '')
        if (Number.isFinite(date)) skewMs = clock.now().getTime() - date
        if (response.statusCode === 401 && current) current = { ...current, freshUntilMs: -Infinity }
        return response
      } catch (error) {
        const again = outgoing.method === 'GET' && request.reusedSocket && attempt < deadConnectionsInARow
        if (!again || signal.aborted) throw error
      }
    }
  }

  return {
    send,
    serverClockSkewMs: () => skewMs,
    close: () => {
      current?.agent.destroy()
      current = undefined
    },
  }
}

/** While files are being replaced they may be unreadable for a moment: the former credentials are as good as they were. */
async function readAgain(connection: Connection, former: Credentials | undefined): Promise<Credentials> {
  try {
    return await connection.credentials()
  } catch (error) {
    if (former === undefined) throw error
    return former
  }
}

function newAgent({ tls }: Credentials): Agent {
  return new Agent({ ...tls, keepAlive: true, scheduling: 'lifo', timeout: idleConnectionMs })
}

function sameTls(one: Credentials, other: Credentials): boolean {
  return JSON.stringify(one.tls) === JSON.stringify(other.tls)
}

function open(
  server: URL,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  { method, path, body }: Outgoing,
  signal: AbortSignal,
): ClientRequest {
  return httpsRequest({
    agent,
    host: server.hostname.replace(/^\[|\]$/g, ''),
    port: server.port === '' ? 443 : server.port,
    method,
    path: server.pathname.replace(/\/$/, '') + path,
    headers: {
      'User-Agent': 'kes-injector',
      ...headers,
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
    },
    signal,
  })
}

function answerTo(
  call: Call,
  request: ClientRequest,
  body: string | undefined,
  limit: Limit,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('socket', (socket) => limitConnecting(call, request, socket, limit))
    request.once('response', resolve)
    request.on('error', (error) => reject(connectionFailed(call, error)))
    request.end(body)
  })
}

interface Limit {
  readonly clock: Clock
  readonly connectMs: number
}

/** An address that drops packets would else cost the whole deadline, and so would a port that speaks no TLS. */
function limitConnecting(call: Call, request: ClientRequest, socket: Socket, { clock, connectMs }: Limit): void {
  if (!socket.connecting) return
  const cancel = clock.after(connectMs, () => {
    request.destroy(callFailed(call, 'ConnectionFailed', `no connection within ${connectMs} ms`))
  })
  socket.once('secureConnect', cancel)
  socket.once('close', cancel)
}

/** The error of a connection that broke, in the words of the system (`ECONNRESET`, `CERT_HAS_EXPIRED`). */
export function connectionFailed(call: Call, error: unknown): ApiError {
  if (isApiError(error)) return error
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const what = [code, message].filter((word) => typeof word === 'string').join(' ')
  return callFailed(call, 'ConnectionFailed', what || 'unknown reason', { cause: error })
}
