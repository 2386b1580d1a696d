import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KesIdentitySpec, type KesIdentity } from '../../../src/api/kesIdentity.ts'
import { KeyServerSpec, type KeyServer } from '../../../src/api/keyServer.ts'
import { policyFor } from '../../../src/controller/kesIdentity/policyFor.ts'
import type { Kes } from '../../../src/kes/kes.ts'
import { newCurrentServer } from './currentServer.ts'
import { servingKeyServer } from './keyServer.ts'

/** Keys as people called them by hand, and names that look like them. */
const granted = ['minio-default-key', 'minio-my-bucket', 'minio-my-'] as const
const alike = ['minio-default-key2', 'minio-default-ke', 'minio-my', 'xminio-my-bucket', 'team-b_minio'] as const

const grants = [
  { namespace: 'team-a', keys: ['minio-default-key', 'minio-my-*'] },
  { namespace: 'team-c', keys: ['team-b_minio'] },
]
const keyServer = (spec: object): KeyServer => ({
  metadata: { name: 'shared' },
  spec: KeyServerSpec.parse({ ...spec, grants }),
})
const identityIn = (namespace: string): KesIdentity => ({
  metadata: { name: 'kes-client', namespace },
  spec: KesIdentitySpec.parse({ keyServerRef: { name: 'shared' } }),
})
const namespaces = ['team-a', 'team-b'] as const

interface Dialect {
  readonly admin: Pick<Kes, 'generate'>
  readonly as: (namespace: (typeof namespaces)[number]) => Kes
  readonly close: () => Promise<unknown>
}

/** Allowing creation is the hardest case: it must not spread to what was granted. */
const generous = { stateful: { allowKeyCreation: true } }

async function stateful(): Promise<Dialect> {
  const { server, admin } = await servingKeyServer()
  const callers = { 'team-a': server.newCaller('team-a'), 'team-b': server.newCaller('team-b') }
  for (const key of [...granted, ...alike, 'team-a_minio']) await admin.createKey(key)
  for (const namespace of namespaces) {
    await admin.writePolicy(namespace, policyFor(identityIn(namespace), keyServer(generous)))
    await admin.assignPolicy(namespace, callers[namespace].identity)
  }
  return { admin, as: (namespace) => server.clientOf(callers[namespace]), close: server.close }
}

async function current(): Promise<Dialect> {
  const server = await newCurrentServer()
  const kind = keyServer({ server: { keystoreSecretRef: { name: 'keystore' } } })
  const callers = { 'team-a': server.newCaller('team-a'), 'team-b': server.newCaller('team-b') }
  const admin = server.clientOf(server.admin)
  for (const key of [...granted, ...alike, 'team-a_minio']) if (!key.endsWith('-')) await admin.createKey(key)
  await server.configure(
    Object.fromEntries(
      namespaces.map((each) => [each, { ...policyFor(identityIn(each), kind), identities: [callers[each].identity] }]),
    ),
  )
  return { admin, as: (namespace) => server.clientOf(callers[namespace]), close: server.close }
}

describe.each([
  { what: 'KES v0.22.3 (stateful)', start: stateful, there: granted },
  // This one takes no name that ends with a hyphen.
  { what: 'KES v0.24.0 (current)', start: current, there: granted.slice(0, 2) },
])('a grant on $what', ({ start, there }) => {
  let kes: Dialect
  beforeAll(async () => {
    kes = await start()
  }, 600_000)
  afterAll(() => kes.close())

  const refused = { code: 'NotAllowed' }

  it('lets its namespace make and open data keys with what was granted, and with its own keys', async () => {
    const minio = kes.as('team-a')
    for (const key of [...there, 'team-a_minio']) {
      const { plaintext, ciphertext } = await kes.admin.generate(key)
      expect(await minio.decrypt(key, ciphertext)).toEqual(plaintext)
      expect((await minio.generate(key)).plaintext).toHaveLength(32)
      expect(await minio.describeKey(key)).toMatchObject({ name: key })
    }
  })

  it.each(alike)('does not let it use the look-alike %s', async (key) => {
    const minio = kes.as('team-a')
    const { ciphertext } = await kes.admin.generate(key)
    await expect(minio.generate(key)).rejects.toMatchObject(refused)
    await expect(minio.decrypt(key, ciphertext)).rejects.toMatchObject(refused)
    await expect(minio.describeKey(key)).rejects.toMatchObject(refused)
  })

  it('does not let it make keys where it may only use them', async () => {
    await expect(kes.as('team-a').createKey('minio-my-next')).rejects.toMatchObject(refused)
    await expect(kes.as('team-a').createKey('minio-default-key')).rejects.toMatchObject(refused)
    await expect(kes.as('team-a').createKey('team-a_next')).resolves.not.toThrow()
  })

  it.each(granted)('opens %s to no other namespace', async (key) => {
    await expect(kes.as('team-b').generate(key)).rejects.toMatchObject(refused)
  })
})
