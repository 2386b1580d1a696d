import { Agent, request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { connectionFailure, failureOf } from './failure.ts'
import { KesError } from './kesError.ts'

/** Who calls which server, and how long a call may take in all. */
export interface ConnectionOptions {
  /** `https://HOST:PORT`: the host is what the server's certificate must name. */
  readonly endpoint: string
  /** Authorities that the server's certificate is verified against, PEM. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly timeoutMs: number
  /** Dial this IP address instead of asking DNS for the host (one pod among several). */
  readonly lookupAddress?: string
  /** Keep connections open between calls. Off, each call proves the identity and sees the served certificate anew. */
  readonly keepAlive?: boolean
}

export interface Connection {
  /** Answers the body of a 200. Throws KesError for everything else. */
  readonly call: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<Buffer>
  /** What the server presented at the latest connection. */
  readonly peerCertificate: () => X509Certificate | undefined
  readonly close: () => void
}

/** Some thousand keys in a list fit; nothing that could fill the memory does. */
export const largestAnswerBytes = 8 * 1024 * 1024

/**
 * Opens nothing yet: each call connects, over HTTP/1.1 and mutual TLS.
 *
 * TLS sessions are never resumed: KES takes the identity of a resumed session from the ticket, so a call over one
 * proves nothing about the key in hand.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { origin, hostname } = endpointOf(options.endpoint)
  const agent = new Agent({
    ca: options.ca,
    cert: options.cert,
    key: options.key,
    minVersion: 'TLSv1.2',
    keepAlive: options.keepAlive ?? false,
    maxCachedSessions: 0,
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
  })
  const { lookupAddress, timeoutMs } = options
  let peer: X509Certificate | undefined

  const call: Connection['call'] = (method, path, body = {}) =>
    new Promise((resolve, reject) => {
      const payload = method === 'POST' ? Buffer.from(JSON.stringify(body)) : undefined
      const outgoing = request(`${origin}${path}`, {
        agent,
        method,
        headers: payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {},
        ...(lookupAddress === undefined ? {} : { lookup: always(lookupAddress) }),
      })
      const fail = (error: Error): void => {
        clearTimeout(deadline)
        reject(connectionFailure(error))
        outgoing.destroy()
      }
      // One deadline over connecting, waiting and reading: a server that trickles bytes meets it too.
      const deadline = setTimeout(() => {
        fail(new KesError('Timeout', `KES did not answer within ${timeoutMs} ms`))
      }, timeoutMs)
      outgoing.on('error', fail)
      outgoing.on('response', (incoming) => {
        if (incoming.socket instanceof TLSSocket) peer = incoming.socket.getPeerX509Certificate() ?? peer
        readBody(incoming).then((answer) => {
          clearTimeout(deadline)
          if (incoming.statusCode === 200) resolve(answer)
          else reject(failureOf(incoming.statusCode ?? 0, answer))
        }, fail)
      })
      outgoing.end(payload)
    })

  return { call, peerCertificate: () => peer, close: () => agent.destroy() }
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestAnswerBytes)
      throw new KesError('BadResponse', `the answer is longer than ${largestAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function endpointOf(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.username === '') return url
  throw new KesError(
    'ConfigInvalid',
    `the endpoint must be https://HOST:PORT, not ${JSON.stringify(endpoint.slice(0, 90))}`,
  )
}

function always(address: string): LookupFunction {
  const family = isIP(address)
  if (family === 0) throw new KesError('ConfigInvalid', `${JSON.stringify(address.slice(0, 90))} is not an IP address`)
  return (_hostname, options, answer) => {
    if (options.all === true) answer(null, [{ address, family }])
    else answer(null, address, family)
  }
}
