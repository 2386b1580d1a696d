import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { clientVerification, exchangeCertificate, secureContext, type TlsPolicy } from '../tls/reload.ts'
import type { ServingCertificate } from '../tls/servingCertificate.ts'
import type { Observer } from './accessLog.ts'
import { readBody } from './body.ts'
import { Connections } from './connections.ts'
import type { Handler } from './handler.ts'
import { defaultLimits, slowCheckMs, type Limits } from './limits.ts'
import { asRefusal, Refusal } from './refusal.ts'
import { checkRoute } from './route.ts'
import { after, guarded, type Soon } from './soon.ts'

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

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    let begin = performance.now()
    connections.begins(socket)
    response.once('close', () => connections.ends(socket))
    const reply = (what: Reply): void => {
      if (response.destroyed) return
      // A body that was not read to its end would be taken for the next request; and who sends no review at all is not
      // trusted with where its next request begins.
      const last = draining || connections.isOld(socket) || !request.complete || what.status === 400
      send(response, what, last)
    }
    const refuse = (error: unknown): void => {
      try {
        const refusal = asRefusal(error)
        observer.refused(refusal, performance.now() - begin)
        reply(refused(refusal))
      } catch {
        response.destroy()
      }
    }
    const decide = (body: Buffer): Soon<void> => {
      // Reading at a client's pace is not our work: time counts from the whole request.
      begin = performance.now()
      return after(handler(body), (answered) => {
        observer.answered(answered, performance.now() - begin)
        reply({ status: 200, body: answered.reply })
      })
    }
    const whole = (body: Buffer): void => void guarded(() => decide(body), refuse)
    void guarded(() => {
      checkRoute(request)
      readBody(request, limits.bodyBytes, { whole, refused: refuse })
    }, refuse)
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
    // Node would answer by itself, without a word to us: checkRoute looks.
    requireHostHeader: false,
  })
  server.maxConnections = limits.sockets
  server.maxRequestsPerSocket = 0
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket) => connections.opened(socket))
  server.on('request', serve)
  server.on('clientError', (error, socket) => refuseUnreadable(error, socket, observer))
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
  readonly headers?: Readonly<Record<string, string>>
}

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
  const framing = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  response.writeHead(
    status,
    headers || last ? { ...framing, ...headers, ...(last ? { Connection: 'close' } : {}) } : framing,
  )
  response.end(text)
}

/** Why Node cannot read a request. Its parser has one limit for the request line and the headers, and one code. */
const unreadable = (code: string | undefined): Refusal => {
  if (code === 'HPE_HEADER_OVERFLOW') return new Refusal('HeadersTooLarge', 'the URL and headers are too long')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('TooSlow', 'the request did not come in time')
  return new Refusal('BadRequest', 'what came is no HTTP/1.1 request')
}

type RawSocket = NodeJS.WritableStream & { destroy(): unknown }

/** Answers what is no HTTP, or came too slowly, and closes. Must not throw: nobody would catch it. */
function refuseUnreadable({ code }: NodeJS.ErrnoException, socket: RawSocket, observer: Observer): void {
  // The client went away, between two requests or in the middle of one: there is nobody to answer.
  if (!socket.writable || code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE') {
    socket.destroy()
    return
  }
  const refusal = unreadable(code)
  observer.unreadable(refusal)
  const { status } = refusal
  const statusLine = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`
  socket.end(`${statusLine}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
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
