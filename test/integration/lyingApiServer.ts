import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '../../src/kube/connection.ts'

/** What a request can meet instead of its answer. */
export type Lie =
  | {
      readonly kind: 'status'
      readonly code: number
      readonly reason?: string
      readonly headers?: Record<string, string>
    }
  /** An answer that does not come from an API server. */
  | { readonly kind: 'text'; readonly code: number; readonly body: string }
  | { readonly kind: 'reset' }
  /** The connection stays, nothing comes. */
  | { readonly kind: 'stall' }
  /** The right answer, cut in half, with an orderly end. */
  | { readonly kind: 'truncate' }
  | { readonly kind: 'slow'; readonly ms: number }

export type Asked = 'get' | 'list' | 'watch' | 'write'

export interface Seen {
  readonly asked: Asked
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  readonly atMs: number
}

interface Pod {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly resourceVersion: string
  }
}

interface Watcher {
  readonly response: ServerResponse
  isDeaf: boolean
}

/** An API server that knows the pods of one namespace and does to its callers what networks and API servers do. */
export interface LyingApiServer {
  readonly connection: Connection
  readonly seen: readonly Seen[]
  put(name: string): void
  remove(name: string): void
  /** The next requests of this kind meet these lies, one each. */
  lie(asked: Asked, ...lies: readonly Lie[]): void
  /** What watches would replay is gone: an old version is answered 410. */
  compact(): void
  bookmark(): void
  /** Open watches hear nothing any more, and are not told so. */
  deafen(): void
  /** Writes this as it is into every open watch. */
  say(text: string): void
  /** Ends every open watch: in order, or by a reset. */
  endWatches(how: 'end' | 'reset'): void
  watching(): number
  /** TLS connections accepted so far. */
  connections(): number
  /** Cuts all connections and takes no more, until `comeBack`. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

export const namespace = 'default'

/** `dateSkewMs`: how far its Date header is behind. */
export async function startLyingApiServer({ dateSkewMs = 0 } = {}): Promise<LyingApiServer> {
  const { key, cert } = selfSigned()
  const pods = new Map<string, Pod>()
  let history: { readonly version: number; readonly line: string }[] = []
  let oldestVersion = 0
  let version = 1
  const lies: Record<Asked, Lie[]> = { get: [], list: [], watch: [], write: [] }
  const seen: Seen[] = []
  const watchers = new Set<Watcher>()
  const sockets = new Set<Socket>()
  let connections = 0

  const listeners = (request: IncomingMessage, response: ServerResponse) => void answer(request, response)
  const server = createServer({ key, cert, keepAliveTimeout: 60_000 }, listeners)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', () => (connections += 1))
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://localhost')
    const name = pathname.split('/')[6]
    const isWatch = query.get('watch') === 'true'
    const asked = request.method !== 'GET' ? 'write' : name !== undefined ? 'get' : isWatch ? 'watch' : 'list'
    const body = await bodyOf(request)
    const { method = '', headers } = request
    seen.push({ asked, method, path: pathname, query, headers, body, atMs: performance.now() })
    response.setHeader('Date', new Date(Date.now() - dateSkewMs).toUTCString())
    const lie = lies[asked].shift()
    if (lie !== undefined && lie.kind !== 'slow') {
      tellLie(lie, request, response, asked === 'list' ? JSON.stringify(page(query)) : halfAnEvent)
      return
    }
    if (lie !== undefined) await new Promise((resolve) => setTimeout(resolve, lie.ms))
    if (asked === 'watch') watch(response, query)
    else if (asked === 'list' && isExpired(query)) sendStatus(response, 410, 'Expired')
    else if (asked === 'list') sendJson(response, page(query))
    else sendPod(response, name ?? '')
  }

  function sendPod(response: ServerResponse, name: string): void {
    const pod = pods.get(name)
    if (pod === undefined) sendStatus(response, 404, 'NotFound', {}, name)
    else sendJson(response, pod)
  }

  function watch(response: ServerResponse, query: URLSearchParams): void {
    const from = Number(query.get('resourceVersion'))
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    if (from < oldestVersion) {
      response.end(errorLine(410, 'Expired'))
      return
    }
    const watcher: Watcher = { response, isDeaf: false }
    watchers.add(watcher)
    response.on('close', () => watchers.delete(watcher))
    for (const { version: at, line } of history) if (at > from) response.write(line)
  }

  function page(query: URLSearchParams): unknown {
    const all = [...pods.values()].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
    const [snapshot = String(version), offset = '0'] = query.get('continue')?.split('.') ?? []
    const limit = Number(query.get('limit') ?? all.length)
    const end = Number(offset) + limit
    const more = end < all.length ? { continue: `${snapshot}.${end}`, remainingItemCount: all.length - end } : {}
    return {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: snapshot, ...more },
      items: all.slice(Number(offset), end).map(({ metadata }) => ({ metadata })),
    }
  }

  const isExpired = (query: URLSearchParams) => Number(query.get('continue')?.split('.')[0] ?? version) < oldestVersion

  function change(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, uid: string): Pod {
    version += 1
    const metadata = { name, namespace, uid, resourceVersion: String(version) }
    const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata }
    const line = JSON.stringify({ type, object: pod }) + '\n'
    history.push({ version, line })
    tell(line)
    return pod
  }

  function tell(text: string): void {
    for (const { response, isDeaf } of watchers) if (!isDeaf) response.write(text)
  }

  return {
    seen,
    connection: {
      server: new URL(`https://127.0.0.1:${port}`),
      namespace,
      credentials: () => Promise.resolve({ tls: { ca: cert }, headers: { Authorization: 'Bearer of-nothing' } }),
    },
    put: (name) => {
      const former = pods.get(name)
      const uid = former?.metadata.uid ?? `uid-${version}`
      pods.set(name, change(former ? 'MODIFIED' : 'ADDED', name, uid))
    },
    remove: (name) => {
      const former = pods.get(name)
      pods.delete(name)
      if (former) change('DELETED', name, former.metadata.uid)
    },
    lie: (asked, ...more) => void lies[asked].push(...more),
    compact: () => {
      version += 1
      oldestVersion = version
      history = []
    },
    bookmark: () => {
      version += 1
      tell(
        JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: String(version) } } }) +
          '\n',
      )
    },
    deafen: () => {
      for (const watcher of watchers) watcher.isDeaf = true
    },
    say: tell,
    endWatches: (how) => {
      for (const { response } of watchers) {
        if (how === 'end') response.end()
        else response.destroy()
      }
      watchers.clear()
    },
    watching: () => watchers.size,
    connections: () => connections,
    goAway: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      return closed
    },
    comeBack: () => listen(port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

const halfAnEvent = '{"type":"ADDED","object":{"metadata":{"name":"half","resourceVersion":"7"}}}'

function tellLie(
  lie: Exclude<Lie, { kind: 'slow' }>,
  request: IncomingMessage,
  response: ServerResponse,
  whole: string,
) {
  switch (lie.kind) {
    case 'status':
      sendStatus(response, lie.code, lie.reason ?? '', lie.headers)
      break
    case 'text':
      response.writeHead(lie.code, { 'Content-Type': 'text/plain' }).end(lie.body)
      break
    case 'truncate':
      response.writeHead(200).end(whole.slice(0, whole.length / 2))
      break
    case 'reset':
      request.socket.destroy()
      break
    case 'stall':
  }
}

export function errorLine(code: number, reason: string): string {
  const object = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: 'told so' }
  return JSON.stringify({ type: 'ERROR', object }) + '\n'
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
}

function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  headers: Record<string, string> = {},
  name?: string,
): void {
  const body = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    reason,
    message: 'told so',
    details: { name },
  }
  response.writeHead(code, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

function selfSigned(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'lying-api-server-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const subject = ['-subj', '/CN=lying', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  try {
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', keyFile, '-out', certFile], {
      stdio: 'pipe',
    })
    return { key: readFileSync(keyFile), cert: readFileSync(certFile) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
