import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * As much of HashiCorp Vault's HTTP API as KES v0.24.0 speaks: KV version 2, AppRole and Kubernetes auth, health. Written after Vault's
 * public API documentation. It is a stand-in: a real Vault cannot be built from the registries here, so what Vault does besides is not shown.
 */
export interface VaultStandIn {
  readonly endpoint: string
  readonly approle: { readonly id: string; readonly secret: string }
  readonly kubernetes: { readonly role: string; readonly jwt: string }
  /** Names of what is stored. */
  readonly stored: () => readonly string[]
  readonly logins: () => readonly string[]
  /** Nobody answers any more; what is stored is kept. */
  readonly stop: () => Promise<void>
  readonly start: () => Promise<void>
}

interface Answer {
  readonly status: number
  readonly body?: object
}

const leaseSeconds = 3_600
const notFound: Answer = { status: 404, body: { errors: [] } }
const denied: Answer = { status: 403, body: { errors: ['permission denied'] } }

type Body = Readonly<Record<string, unknown>>

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : (JSON.parse(text) as Body)
}

export async function startVaultStandIn(): Promise<VaultStandIn> {
  const approle = { id: randomBytes(8).toString('hex'), secret: randomBytes(8).toString('hex') }
  const kubernetes = { role: 'kes', jwt: `header.${randomBytes(8).toString('hex')}.signature` }
  const tokens = new Set<string>()
  const entries = new Map<string, unknown>()
  const logins: string[] = []
  const versioned = { created_time: new Date(0).toISOString(), deletion_time: '', destroyed: false, version: 1 }

  function login(method: string, right: boolean): Answer {
    if (!right) return { status: 400, body: { errors: ['invalid role or secret ID'] } }
    const token = randomBytes(12).toString('hex')
    tokens.add(token)
    logins.push(method)
    return {
      status: 200,
      body: {
        auth: { client_token: token, accessor: 'a', policies: ['kes'], lease_duration: leaseSeconds, renewable: true },
      },
    }
  }

  function write(name: string, { data, options }: Body): Answer {
    const cas = (options as { readonly cas?: number } | undefined)?.cas
    if (cas === 0 && entries.has(name))
      return { status: 400, body: { errors: ['check-and-set parameter did not match the current version'] } }
    entries.set(name, data)
    return { status: 200, body: { data: versioned } }
  }

  function answer(method: string, url: URL, token: string, body: Body): Answer {
    const path = url.pathname
    const writes = method === 'PUT' || method === 'POST'
    if (path === '/v1/sys/health') return { status: 200, body: { initialized: true, sealed: false, standby: false } }
    if (writes && path === '/v1/auth/approle/login')
      return login('approle', body['role_id'] === approle.id && body['secret_id'] === approle.secret)
    if (writes && path === '/v1/auth/kubernetes/login')
      return login('kubernetes', body['role'] === kubernetes.role && body['jwt'] === kubernetes.jwt)
    if (!tokens.has(token)) return denied
    if (path.startsWith('/v1/kv/metadata')) {
      return entries.size === 0 ? notFound : { status: 200, body: { data: { keys: [...entries.keys()].sort() } } }
    }
    const [, name] = /^\/v1\/kv\/data\/(.+)$/.exec(path) ?? []
    if (name === undefined) return notFound
    if (writes) return write(name, body)
    const data = entries.get(name)
    return data === undefined ? notFound : { status: 200, body: { data: { data, metadata: versioned } } }
  }

  let server: Server | undefined
  let port = 0
  const start = async (): Promise<void> => {
    const next = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const url = new URL(request.url ?? '/', 'http://vault')
        const token = String(request.headers['x-vault-token'] ?? '')
        const { status, body: told = {} } = answer(request.method ?? '', url, token, body)
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
      })
    })
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve))
    port = (next.address() as AddressInfo).port
    server = next
  }
  await start()
  return {
    endpoint: `http://127.0.0.1:${port}`,
    approle,
    kubernetes,
    stored: () => [...entries.keys()].sort(),
    logins: () => logins,
    start,
    stop: () =>
      new Promise((resolve) => {
        server?.close(() => resolve())
        server?.closeAllConnections()
      }),
  }
}
