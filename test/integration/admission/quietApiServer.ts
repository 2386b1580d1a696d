import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { newAuthority, servingCertificate } from '../../fixtures/certificates.ts'

/** As much of an API server as the webhook talks to: a list and a quiet watch of everything. */
export interface QuietApiServer extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number }
  readonly authorityPem: string
  readonly token: string
  /** A kubeconfig that says the same, in JSON. */
  readonly kubeconfig: string
  /** Paths of single objects that were asked for: live reads. */
  readonly reads: readonly string[]
}

const keyServer = {
  metadata: { name: 'default', resourceVersion: '1' },
  spec: { keyPrefix: '{namespace}_', namespaces: { selector: {} } },
}

/** As often as a real one says that it is still there. */
const bookmarkEveryMs = 30_000

/** Knows these namespaces, all of them opted in, and the KeyServer `default`. */
export async function startQuietApiServer(namespaces: readonly string[]): Promise<QuietApiServer> {
  const authority = newAuthority('api server')
  const { certificatePem, keyPem } = servingCertificate(authority)
  const known = namespaces.map((name) => ({
    metadata: { name, resourceVersion: '1', labels: { 'kes-injector.io/inject': 'enabled' } },
  }))
  const reads: string[] = []
  const lists: Readonly<Record<string, readonly object[]>> = { namespaces: known, keyservers: [keyServer] }
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost')
    // /api/v1/RESOURCE/NAME or /apis/GROUP/VERSION/RESOURCE/NAME: nothing namespaced is asked for by name.
    const [resource = '', name] = pathname.split('/').slice(pathname.startsWith('/apis/') ? 4 : 3)
    response.setHeader('Content-Type', 'application/json')
    if (searchParams.get('watch') === 'true') {
      response.flushHeaders()
      const bookmark = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '1' } } }
      const timer = setInterval(() => response.write(`${JSON.stringify(bookmark)}\n`), bookmarkEveryMs)
      response.once('close', () => clearInterval(timer))
    } else if (name === undefined) {
      const list = { kind: 'List', metadata: { resourceVersion: '1' }, items: lists[resource] ?? [] }
      response.end(JSON.stringify(list))
    } else {
      reads.push(pathname)
      const details = { name: decodeURIComponent(name) }
      response.writeHead(404).end(JSON.stringify({ kind: 'Status', code: 404, reason: 'NotFound', details }))
    }
  }
  const server = createServer({ cert: certificatePem, key: keyPem, keepAliveTimeout: 120_000 }, answer)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const data = Buffer.from(authority.certificatePem).toString('base64')
  const host = '127.0.0.1'
  const token = 'of-nothing'
  return {
    address: { host, port },
    authorityPem: authority.certificatePem,
    token,
    reads,
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'quiet',
      contexts: [{ name: 'quiet', context: { cluster: 'quiet', user: 'nobody' } }],
      clusters: [{ name: 'quiet', cluster: { server: `https://${host}:${port}`, 'certificate-authority-data': data } }],
      users: [{ name: 'nobody', user: { token } }],
    }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
