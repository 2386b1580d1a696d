import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { clientVerification, exchangeCertificate, secureContext, type TlsPolicy } from '../tls/reload.ts'
import type { ServingCertificate } from '../tls/servingCertificate.ts'
import type { Observer } from './accessLog.ts'
import { ClientGone, readBody } from './body.ts'
import { Connections } from './connections.ts'
import type { Handler } from './handler.ts'
import { defaultLimits, slowCheckMs, type Limits } from './limits.ts'
import { Refusal } from './refusal.ts'
import { checkRoute } from './route.ts'

export interface ServerParts {
  readonly handler: Handler
  readonly observer: Observer
  readonly certificate: ServingCertificate
  readonly tls: TlsPolicy
  readonly limits?: Limits
}

/** The admission port: HTTP/1.1 over TLS, one route. */
export interface AdmissionServer {
  /** Resolves with the port, which is another one where 0 was asked for. */
  listen(port: number, host?: string): Promise<number>
  /** Gives new connections another certificate; old ones are asked to close with their next answer. */
  exchangeCertificate(certificate: ServingCertificate): void
  /** From now on every answer asks its client to close the connection; everything is still answered. */
  drain(): void
  /** Takes no more connections, closes idle ones; resolves when the last one is closed, after `hardStopMs` at the latest. */
  close(hardStopMs: number): Promise<void>
}

/**
 * Never HTTP/2: the API server speaks HTTP/1.1 to Services, and Node's compatibility layer has ended processes.
 * No SNI callback: every name gets the one certificate, kubelet probes that send none as well.
 */
export function createAdmissionServer(parts: ServerParts): AdmissionServer {
  const { handler, observer, tls, limits = defaultLimits } = parts
  const connections = new Connections(limits.connections)
  const sockets = new Set<Socket>()
  let draining = false

  const receive = async (request: IncomingMessage): Promise<Reply> => {
    checkRoute(request)
    const body = await readBody(request, limits.bodyBytes)
    // Reading at a client's pace is not our work: time counts from the whole request.
    const begin = performance.now()
    try {
      const answered = await handler(body)
      observer.answered(answered, performance.now() - begin)
      return { status: 200, body: answered.reply, headers: {} }
    } catch (error) {
      throw asRefusal(error)
    }
  }

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    const begin = performance.now()
    connections.begins(socket)
    response.once('close', () => connections.ends(socket))
    receive(request)
      .catch((error: unknown) => {
        if (error instanceof ClientGone) return undefined
        const refusal = asRefusal(error)
        observer.refused(refusal, performance.now() - begin)
        return refused(refusal)
      })
      .then((reply) => {
        if (!reply || response.destroyed) return
        // A body that was not read to its end would be taken for the next request.
        const last = draining || connections.isOld(socket) || !request.complete
        send(response, reply, last)
      })
      .catch(() => response.destroy())
  }

  const server = createServer({
    ...secureContext(parts.certificate, tls),
    ...clientVerification(tls),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: limits.handshakeMs,
    keepAliveTimeout: limits.keepAliveMs,
    requestTimeout: limits.requestMs,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: slowCheckMs,
    noDelay: true,
  })
  server.maxConnections = limits.sockets
  server.maxRequestsPerSocket = 0
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket) => connections.opened(socket))
  server.on('request', serve)
  server.on('clientError', refuseUnreadable)
  server.on('tlsClientError', (error, socket) => {
    socket.destroy()
    observer.handshakeFailed(error)
  })

  return {
    listen: async (port, host) => {
      const got = await listen(server, port, host)
      // An error that nobody listens to would end the process.
      server.on('error', (error) => observer.troubled(error))
      return got
    },
    exchangeCertificate: (certificate) => {
      exchangeCertificate(server, certificate, tls)
      connections.newGeneration()
    },
    drain: () => {
      draining = true
    },
    close: (hardStopMs) =>
      new Promise((resolve) => {
        draining = true
        const hardStop = setTimeout(() => {
          for (const socket of sockets) socket.destroy()
          server.closeAllConnections()
        }, hardStopMs)
        server.close(() => {
          clearTimeout(hardStop)
          resolve()
        })
      }),
  }
}

interface Reply {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

const asRefusal = (error: unknown): Refusal =>
  error instanceof Refusal ? error : new Refusal('Internal', 'the review could not be answered', { cause: error })

/** What the client hears of a refusal: our own sentence, no stack and no text of the request's. */
const refused = ({ status, code, message }: Refusal): Reply => ({
  status,
  body: { error: code, message },
  headers: {
    ...(status === 405 ? { Allow: 'POST' } : {}),
    // The API server tries again within its timeout when it is told to, and only then.
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
  },
})

function send(response: ServerResponse, { status, body, headers }: Reply, last: boolean): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
    ...(last ? { Connection: 'close' } : {}),
  })
  response.end(text)
}

const statusLines: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Answers what is no HTTP, or came too slowly, and closes. Must not throw: nobody would catch it. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: NodeJS.WritableStream & { destroy(): unknown }): void {
  const status = statusLines[error.code ?? ''] ?? '400 Bad Request'
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
