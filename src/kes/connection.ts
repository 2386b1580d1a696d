import { request } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { dial, type ConnectionOptions } from './dial.ts'
import { connectionFailure, failureOf } from './failure.ts'
import { KesError } from './kesError.ts'

export interface Connection {
  /** Answers the body of a 200. Throws KesError for everything else. */
  readonly call: (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<Buffer>
  /** What the server presented at the latest connection. */
  readonly peerCertificate: () => X509Certificate | undefined
  readonly close: () => void
}

/** Some thousand keys in a list fit; nothing that could fill the memory does. */
export const largestAnswerBytes = 8 * 1024 * 1024

/** Opens nothing yet: each call connects, over HTTP/1.1 and mutual TLS. */
export function openConnection(options: ConnectionOptions): Connection {
  const { origin, agent, lookup } = dial(options)
  const { timeoutMs } = options
  let peer: X509Certificate | undefined

  const call: Connection['call'] = (method, path, body = {}) =>
    new Promise((resolve, reject) => {
      const payload = method === 'POST' ? Buffer.from(JSON.stringify(body)) : undefined
      const outgoing = request(`${origin}${path}`, {
        agent,
        method,
        headers: payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {},
        ...lookup,
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
