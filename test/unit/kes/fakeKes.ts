import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createAuthority, issue } from '../../../src/pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import type { ConnectionOptions } from '../../../src/kes/dial.ts'

/** Answers one request; the body has been read. */
type Answerer = (request: IncomingMessage & { readonly body: string }, response: ServerResponse) => void

/** A server that answers as a test says: for faults that the real KES cannot be made to have. */
export interface FakeKes {
  readonly options: ConnectionOptions
  /** All handshakes so far: full ones or resumptions of an earlier session? */
  readonly handshakes: readonly ('full' | 'resumed')[]
  answer: Answerer
  readonly close: () => void
}

export async function fakeKes(): Promise<FakeKes> {
  const now = new Date()
  const authority = createAuthority({ commonName: 'fake authority', lifetimeMs: 86_400_000, now })
  const pair = (usage: 'server' | 'client') => {
    const key = generatePrivateKey()
    const dnsNames = usage === 'server' ? ['kes.test'] : []
    const cert = issue(authority, { commonName: usage, usages: [usage], dnsNames, key, lifetimeMs: 86_400_000, now })
    return { cert, key: privateKeyPem(key) }
  }
  const handshakes: ('full' | 'resumed')[] = []
  const sockets = new Set<Socket>()
  const fake: { answer: Answerer } = { answer: (_request, response) => response.end('{}') }
  const server = createServer(
    { ...pair('server'), requestCert: true, ca: authority.certificatePem },
    (request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => fake.answer(Object.assign(request, { body }), response))
    },
  )
  server.on('secureConnection', (socket: TLSSocket) => handshakes.push(socket.isSessionReused() ? 'resumed' : 'full'))
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const trust = { ca: authority.certificatePem, timeoutMs: 5_000, lookupAddress: '127.0.0.1' }
  return Object.assign(fake, {
    options: { endpoint: `https://kes.test:${port}`, ...trust, ...pair('client') },
    handshakes,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  })
}
