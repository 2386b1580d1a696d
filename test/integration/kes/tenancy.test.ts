import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KesIdentitySpec, type KesIdentity } from '../../../src/api/kesIdentity.ts'
import { KeyServerSpec, type KeyServer } from '../../../src/api/keyServer.ts'
import { policyFor } from '../../../src/controller/kesIdentity/policyFor.ts'
import { newCurrentServer } from './currentServer.ts'
import { servingKeyServer, type Caller } from './keyServer.ts'
import { stranger } from './strangers.ts'

/** Names that look like one another. A namespace cannot be called `a_`: no name of one has an underscore. */
const namespaces = ['a', 'a-b', 'ab', 'b'] as const
type Namespace = (typeof namespaces)[number]

/** One of the two dialects, with an identity for each namespace and policies as the controller makes them. */
interface Dialect {
  readonly port: number
  readonly ca: string
  readonly callers: Readonly<Record<string, Caller>>
  readonly admin: Caller
  readonly close: () => Promise<unknown>
}

const keyServer = (spec: object): KeyServer => ({ metadata: { name: 'shared' }, spec: KeyServerSpec.parse(spec) })
const identityIn = (namespace: string): KesIdentity => ({
  metadata: { name: 'kes-client', namespace },
  spec: KesIdentitySpec.parse({ keyServerRef: { name: 'shared' } }),
})

async function stateful(): Promise<Dialect> {
  const { server, admin } = await servingKeyServer()
  const callers: Record<string, Caller> = {}
  for (const namespace of namespaces) {
    const caller = (callers[namespace] = server.newCaller(namespace))
    await admin.createKey(`${namespace}_minio`)
    await admin.writePolicy(`${namespace}_kes-client`, policyFor(identityIn(namespace), keyServer({ stateful: {} })))
    await admin.assignPolicy(`${namespace}_kes-client`, caller.identity)
  }
  return {
    port: Number(new URL(server.endpoint).port),
    ca: server.authority.certificatePem,
    callers,
    admin: server.admin,
    close: server.close,
  }
}

async function current(): Promise<Dialect> {
  const server = await newCurrentServer()
  const kind = keyServer({ server: { keystoreSecretRef: { name: 'keystore' } } })
  const callers = Object.fromEntries(namespaces.map((namespace) => [namespace, server.newCaller(namespace)]))
  const admin = server.clientOf(server.admin)
  for (const namespace of namespaces) await admin.createKey(`${namespace}_minio`)
  await server.configure(
    Object.fromEntries(
      namespaces.map((namespace) => [
        `${namespace}_kes-client`,
        { ...policyFor(identityIn(namespace), kind), identities: [callers[namespace]?.identity ?? ''] },
      ]),
    ),
  )
  const { authority, port, close } = server
  return { port, ca: authority.certificatePem, callers, admin: server.admin, close }
}

interface Answer {
  readonly status: number
  readonly body: string
}

/** One request over a connection of its own. */
const ask = (
  { port, ca }: Dialect,
  { certificatePem, keyPem }: Caller,
  [method, path, body]: Attack,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      ca,
      cert: certificatePem,
      key: keyPem,
      agent: false,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      )
    })
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  })

type Attack = readonly [method: string, path: string, body?: unknown]

const bytes = Buffer.alloc(32, 7).toString('base64')
const imported = { bytes, algorithm: 'AES256-GCM_SHA256', key: bytes, cipher: 'AES256' }

/** Everything that can be asked about one key. */
const onKey = (key: string, sealed: string): readonly Attack[] => [
  ['POST', `/v1/key/create/${key}`, {}],
  ['PUT', `/v1/key/create/${key}`, {}],
  ['POST', `/v1/key/import/${key}`, imported],
  ['PUT', `/v1/key/import/${key}`, imported],
  ['GET', `/v1/key/describe/${key}`],
  ['POST', `/v1/key/generate/${key}`, {}],
  ['PUT', `/v1/key/generate/${key}`, {}],
  ['PUT', `/v1/key/encrypt/${key}`, { plaintext: bytes }],
  ['POST', `/v1/key/decrypt/${key}`, { ciphertext: sealed }],
  ['PUT', `/v1/key/decrypt/${key}`, { ciphertext: sealed }],
  ['POST', `/v1/key/bulk/decrypt/${key}`, [{ ciphertext: sealed }]],
  ['PUT', `/v1/key/hmac/${key}`, { message: bytes }],
  ['GET', `/v1/key/list/${key}`],
  ['GET', `/v1/key/list/${key.replace('minio', '')}*`],
  ['GET', `/v1/key/list/${key.replace('minio', '')}`],
  ['DELETE', `/v1/key/delete/${key}`],
]

/** What would make one namespace another one, or everybody's. */
const onPolicies = (own: string, other: string, theirs: string): readonly Attack[] => [
  ['POST', `/v1/policy/write/${own}_kes-client`, { allow: ['/v1/key/*/*'], deny: [] }],
  ['POST', `/v1/policy/write/mine`, { allow: ['/v1/key/*/*'], deny: [] }],
  ['POST', `/v1/policy/assign/${other}_kes-client`, { identity: theirs }],
  ['GET', `/v1/policy/read/${other}_kes-client`],
  ['GET', `/v1/policy/describe/${other}_kes-client`],
  ['GET', '/v1/policy/list/*'],
  ['GET', '/v1/policy/list/'],
  ['DELETE', `/v1/policy/delete/${other}_kes-client`],
  ['GET', `/v1/identity/describe/${theirs}`],
  ['GET', '/v1/identity/list/*'],
  ['GET', '/v1/identity/list/'],
  ['DELETE', `/v1/identity/delete/${theirs}`],
  ['POST', '/v1/enclave/create/mine', { admin: theirs }],
  ['GET', '/v1/enclave/describe/default'],
  ['DELETE', '/v1/enclave/delete/default'],
  ['POST', '/v1/sys/seal', {}],
  ['GET', '/v1/log/error'],
  ['GET', '/v1/log/audit'],
  ['POST', `/v1/secret/create/${own}_x`, { secret: bytes }],
  ['GET', '/v1/secret/list/*'],
]

/** Ways around by how a path is written, for the namespace `a` and the keys of `ab`. */
const oddPaths: readonly Attack[] = [
  ['POST', '/v1/key/generate/a_/../ab_minio', {}],
  ['POST', '/v1/key/generate/a_%2f..%2fab_minio', {}],
  ['POST', '/v1/key/generate/a_..%2fab_minio', {}],
  ['POST', '/v1/key/generate//ab_minio', {}],
  ['POST', '/v1/key/generate/./ab_minio', {}],
  ['POST', '/v1/key/generate/ab_minio?enclave=default&x=/v1/key/generate/a_minio', {}],
  ['POST', '/v1/key/generate/ab_minio#/v1/key/generate/a_minio', {}],
  ['POST', '/V1/key/generate/ab_minio', {}],
  ['GET', '/v1/key/list/*'],
  ['GET', '/v1/key/list/'],
  ['GET', '/v1/key/list/a'],
  ['GET', '/v1/key/list/a*'],
  ['GET', '/v1/key/list/ab*'],
  ['GET', '/v1/key/list/*_minio'],
]

/** A route that this KES does not have, or another spelling that it points to: no answer about anything. */
const noRoute = [301, 307, 404, 405, 501]

describe.each([
  ['KES v0.22.3, stateful', stateful, { encryptIsOpen: true }],
  ['KES v0.24.0', current, { encryptIsOpen: false }],
] as const)('two namespaces on one %s', (_name, start, { encryptIsOpen }) => {
  let dialect: Dialect
  beforeAll(async () => {
    dialect = await start()
  }, 600_000)
  afterAll(() => dialect.close())

  const callerOf = (namespace: Namespace): Caller => dialect.callers[namespace] ?? dialect.admin
  async function sealedUnder(key: string): Promise<string> {
    const { body } = await ask(dialect, dialect.admin, ['POST', `/v1/key/generate/${key}`, {}])
    const { ciphertext } = JSON.parse(body) as { readonly ciphertext: string }
    return ciphertext
  }

  it.each(namespaces)('%s opens its own keys: what is refused below is not refused to everybody', async (mine) => {
    const sealed = await sealedUnder(`${mine}_minio`)
    for (const attack of onKey(`${mine}_minio`, sealed)) {
      const operation = attack[1].split('/')[3] ?? ''
      const { status } = await ask(dialect, callerOf(mine), attack)
      if (['generate', 'decrypt', 'describe'].includes(operation) && attack[0] !== 'PUT')
        expect(status, attack.join(' ')).toBe(200)
      if (operation === 'delete' || operation === 'import') expect(status, attack.join(' ')).not.toBe(200)
    }
    expect((await ask(dialect, callerOf(mine), ['GET', `/v1/key/list/${mine}_*`])).status).toBe(200)
  })

  const pairs = namespaces.flatMap((mine) =>
    namespaces.filter((each) => each !== mine).map((theirs) => [mine, theirs] as const),
  )
  it.each(pairs)('%s is refused every verb on the keys of %s', async (mine, theirs) => {
    const key = `${theirs}_minio`
    const sealed = await sealedUnder(key)
    for (const target of [key, `${theirs}_new-by-${mine}`]) {
      for (const attack of onKey(target, sealed)) {
        const { status, body } = await ask(dialect, callerOf(mine), attack)
        const [method, path] = attack
        if (encryptIsOpen && method === 'POST' && path.includes('/encrypt/')) continue
        expect([403, ...noRoute], `${method} ${path}: ${body}`).toContain(status)
        if (method !== 'PUT' && !/hmac|bulk|encrypt|list\/[^*]*$/.test(path))
          expect(status, `${method} ${path}`).toBe(403)
      }
    }
    expect((await ask(dialect, dialect.admin, ['GET', `/v1/key/describe/${theirs}_new-by-${mine}`])).status).toBe(404)
    expect(
      (await ask(dialect, callerOf(theirs), ['POST', `/v1/key/decrypt/${key}`, { ciphertext: sealed }])).status,
    ).toBe(200)
  })

  it('nobody touches or reads policies, identities, enclaves, secrets and logs', async () => {
    for (const attack of onPolicies('a', 'b', callerOf('b').identity)) {
      const { status, body } = await ask(dialect, callerOf('a'), attack)
      expect([403, ...noRoute], `${attack.join(' ')}: ${body}`).toContain(status)
    }
  })

  it('no odd way of writing a path leads around', async () => {
    for (const attack of oddPaths) {
      const { status, body } = await ask(dialect, callerOf('a'), attack)
      expect([400, 403, ...noRoute], `${attack.join(' ')}: ${body}`).toContain(status)
      expect(body, attack.join(' ')).not.toContain('"ciphertext"')
    }
  })

  it('an identity that nobody enrolled gets nothing', async () => {
    const unknown = stranger()
    const sealed = await sealedUnder('a_minio')
    for (const attack of onKey('a_minio', sealed)) {
      if (encryptIsOpen && attack[1].includes('/encrypt/')) continue
      const { status } = await ask(dialect, unknown, attack)
      expect([403, ...noRoute], attack.join(' ')).toContain(status)
    }
  })

  // Facts: KES A.4. Whoever reaches a KES v0.22.3 can encrypt under any key; nobody can open anything by it.
  it(`encrypt is ${encryptIsOpen ? 'open to everybody (a hole of this KES, see docs/explanation/hazards.md)' : 'refused as the rest is'}`, async () => {
    const attack: Attack = ['POST', '/v1/key/encrypt/b_minio', { plaintext: bytes }]
    const { status, body } = await ask(dialect, callerOf('a'), attack)
    expect(status).toBe(encryptIsOpen ? 200 : 403)
    if (!encryptIsOpen) return
    const { ciphertext } = JSON.parse(body) as { readonly ciphertext: string }
    const opened = await ask(dialect, callerOf('a'), ['POST', '/v1/key/decrypt/b_minio', { ciphertext }])
    expect(opened.status).toBe(403)
  })
})
