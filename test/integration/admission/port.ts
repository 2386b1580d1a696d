import { request, type Agent } from 'node:https'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect, TLSSocket, type ConnectionOptions } from 'node:tls'
import { createHandler, type Answered } from '../../../src/admission/handler.ts'
import { createAdmissionServer, type AdmissionServer } from '../../../src/admission/httpServer.ts'
import { defaultLimits, type Limits } from '../../../src/admission/limits.ts'
import type { Refusal } from '../../../src/admission/refusal.ts'
import type { TlsPolicy } from '../../../src/tls/reload.ts'
import type { ServingCertificate } from '../../../src/tls/servingCertificate.ts'
import { newAuthority, servingCertificate } from '../../fixtures/certificates.ts'
import { pod } from '../../fixtures/objects.ts'
import { context, podRequest, reviewOf } from '../../fixtures/requests.ts'

export const authority = newAuthority()
export const goodReview = reviewOf(podRequest(pod()))

/** The real port on loopback, and what it told its observer. */
export interface Port {
  readonly server: AdmissionServer
  readonly port: number
  readonly certificate: ServingCertificate
  readonly answered: Answered[]
  readonly refused: Refusal[]
  [Symbol.asyncDispose](): Promise<void>
}

export interface PortOptions {
  readonly limits?: Partial<Limits>
  readonly tls?: Partial<TlsPolicy>
  /** Each review waits for this before it is decided about. */
  readonly hold?: () => Promise<void>
  readonly fail?: () => never
}

export async function openPort({ limits, tls, hold, fail }: PortOptions = {}): Promise<Port> {
  const certificate = servingCertificate(authority)
  const [answered, refused]: [Answered[], Refusal[]] = [[], []]
  const handler = createHandler({
    releaseNamespace: 'kes-system',
    sidecarImage: context.sidecarImage,
    source: {
      namespace: async () => {
        await hold?.()
        fail?.()
        return context.namespace
      },
      keyServer: () => Promise.resolve(context.keyServer === 'unknown' ? undefined : context.keyServer),
      ready: () => true,
    },
  })
  const server = createAdmissionServer({
    handler,
    observer: {
      answered: (each) => void answered.push(each),
      refused: (each) => void refused.push(each),
      unreadable: (each) => void refused.push(each),
      handshakeFailed: () => undefined,
      troubled: () => undefined,
    },
    certificate,
    tls: { minVersion: 'TLSv1.3', ...tls },
    limits: { ...defaultLimits, ...limits },
  })
  const port = await server.listen(0, '127.0.0.1')
  return { server, port, certificate, answered, refused, [Symbol.asyncDispose]: () => server.close(0) }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Whether the connection had been used before. */
  readonly reused: boolean
  readonly fingerprint: string
}

export interface Call {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  readonly agent?: Agent | false
}

const shownOn = new WeakMap<Socket, string>()

/** Where a port is, and who signed its certificate where that is not `authority`. */
export interface Target {
  readonly port: number
  readonly authorityPem?: string
}

/** One request with Node's own client, certificate verified. Rejects where the connection breaks. */
export function call({ port, authorityPem = authority.certificatePem }: Target, options: Call = {}): Promise<Answer> {
  const { method = 'POST', path = '/mutate?timeout=5s', headers = { 'Content-Type': 'application/json' } } = options
  const { body = goodReview, agent = false } = options
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers, agent, ca: authorityPem, servername: 'localhost' },
      (response) => {
        const shown = shownOn.get(response.socket) ?? ''
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            reused: sent.reusedSocket,
            fingerprint: shown,
          }),
        )
      },
    )
    sent.on('socket', (socket) => {
      if (sent.reusedSocket) return
      // Read at once: a socket that has been closed by the time of the answer has no certificate any more.
      socket.once('secureConnect', () => {
        const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined
        shownOn.set(socket, (shown ?? '').replaceAll(':', '').toLowerCase())
      })
    })
    sent.on('error', reject)
    sent.end(method === 'POST' || method === 'PUT' ? body : undefined)
  })
}

/** A TLS connection on which a test says what it likes. */
export async function dial(
  { port, authorityPem = authority.certificatePem }: Target,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: authorityPem, servername: 'localhost', ...options })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

/** Everything that comes until the connection is closed, by a reset as well. */
export function untilClosed(socket: TLSSocket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  return new Promise((resolve) => {
    if (socket.destroyed) resolve(text)
    else socket.once('close', () => resolve(text))
  })
}

/** A good review as text of HTTP/1.1. */
export const rawReview = (more = ''): string =>
  `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${goodReview.length}\r\n${more}\r\n${goodReview.toString()}`
