import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { revocationFinalizer } from '../../../src/api/names.ts'
import { KeyServerSpec, type KeyServer } from '../../../src/api/keyServer.ts'
import { enrolExternal } from '../../../src/controller/external/enrolExternal.ts'
import { externalDoor } from '../../../src/controller/external/externalDoor.ts'
import { externalReconciler } from '../../../src/controller/external/reconciler.ts'
import { secretText } from '../../../src/controller/found.ts'
import { certManager } from '../../../src/controller/issuance/issuer.ts'
import { kesIdentityReconciler } from '../../../src/controller/kesIdentity/reconciler.ts'
import { reconcile } from '../../../src/controller/reconciler.ts'
import { secretObject } from '../../../src/controller/secretWriter.ts'
import { kesIdentities, keyServers, namespaces, secrets } from '../../../src/kube/resources.ts'
import { kesIdentity } from '../../unit/controller/identities.ts'
import { memoryClient, type MemoryClient } from '../../unit/controller/memoryClient.ts'
import { newCurrentServer, type CurrentServer } from './currentServer.ts'
import { servingKeyServer, type Caller, type KeyServer as Stateful } from './keyServer.ts'
import { startMinio } from './minio.ts'

const releaseNamespace = 'kes-system'
const now = () => new Date()
const identityRef = { namespace: 'team-a', name: 'kes-client' }

/** A cluster with one KeyServer of somebody else's and one identity; the API server is ours, KES is real. */
function clusterWith(endpoints: readonly string[], ca: string, admin?: Caller): MemoryClient {
  const keyServer: KeyServer = {
    metadata: { name: 'theirs', generation: 1 },
    spec: KeyServerSpec.parse({
      external: {
        endpoints,
        caSecretRef: { name: 'their-ca' },
        ...(admin ? { adminSecretRef: { name: 'their-admin' } } : {}),
      },
    }),
  }
  const inRelease = (name: string, data: Readonly<Record<string, string>>) =>
    [secrets, secretObject({ namespace: releaseNamespace, name, data })] as const
  return memoryClient(
    [keyServers, keyServer],
    [namespaces, { metadata: { name: 'team-a' } }],
    [kesIdentities, kesIdentity({ keyServerRef: { name: 'theirs' } })],
    inRelease('their-ca', { 'ca.crt': ca }),
    ...(admin ? [inRelease('their-admin', { 'public.crt': admin.certificatePem, 'private.key': admin.keyPem })] : []),
  )
}

/** Both reconcilers until neither has anything to do. */
async function settle(client: MemoryClient): Promise<void> {
  const door = externalDoor(client, releaseNamespace)
  const common = { client, now, releaseNamespace, tell: () => undefined }
  const identitiesOf = () => [client.at(kesIdentities, identityRef)].filter((each) => each !== undefined)
  const server = externalReconciler({ ...common, door, identitiesOf })
  const identity = kesIdentityReconciler({
    ...common,
    enrollers: { external: enrolExternal(door) },
    issuer: certManager(client, releaseNamespace, now),
  })
  const { signal } = new AbortController()
  for (let rounds = 0; rounds < 3; rounds++) {
    await reconcile(server, 'theirs', now, signal, { acted: () => undefined })
    await reconcile(identity, 'team-a/kes-client', now, signal, { acted: () => undefined })
  }
}

const statusOf = (client: MemoryClient) => client.at(kesIdentities, identityRef)?.status
const conditionOf = (client: MemoryClient, wanted: string) =>
  statusOf(client)?.conditions?.find(({ type }) => type === wanted)
const serverCondition = (client: MemoryClient, wanted: string) =>
  client.at(keyServers, { name: 'theirs' })?.status?.conditions?.find(({ type }) => type === wanted)

function handedOut(client: MemoryClient): Caller {
  const secret = client.at(secrets, { namespace: 'team-a', name: 'kes-client' })
  if (!secret) throw new Error('nothing was handed out')
  const [certificatePem = '', keyPem = ''] = ['tls.crt', 'tls.key'].map((key) => secretText(secret, key))
  return { certificatePem, keyPem, identity: statusOf(client)?.identity ?? '' }
}

function deleteIdentity(client: MemoryClient): void {
  const identity = client.at(kesIdentities, identityRef)
  if (!identity) throw new Error('there is no identity')
  const metadata = { ...identity.metadata, deletionTimestamp: now().toISOString() }
  client.place(kesIdentities, { ...identity, metadata })
}
const finalizers = (client: MemoryClient) => client.at(kesIdentities, identityRef)?.metadata.finalizers

const onLoopback = (port: number) => `https://127.0.0.1:${port}`

describe('a current KES of two replicas that somebody else runs, without an administrator for us', () => {
  let first: CurrentServer
  let second: CurrentServer
  let client: MemoryClient
  const keys = mkdtempSync(join(tmpdir(), 'kes-keys-'))
  const configure = async (section: string) => {
    for (const each of [first, second]) await each.configure(section)
  }

  beforeAll(async () => {
    first = await newCurrentServer({ keys })
    second = await newCurrentServer({ keys, authority: first.authority })
    client = clusterWith([first.port, second.port].map(onLoopback), first.authority.certificatePem)
    await settle(client)
  }, 600_000)
  afterAll(async () => {
    await first.close()
    await second.close()
    rmSync(keys, { recursive: true, force: true })
  })

  it('is ready, and the identity waits for whoever runs it, with what to paste in its status', () => {
    expect(serverCondition(client, 'Ready')).toMatchObject({ status: 'True' })
    expect(serverCondition(client, 'Serving')).toMatchObject({ status: 'True' })
    expect(conditionOf(client, 'Ready')).toMatchObject({ status: 'False', reason: 'EnrolmentAwaited' })
    expect(conditionOf(client, 'Enrolled')?.message).toContain('add status.enrol.configuration')
    expect(statusOf(client)?.enrol?.policy).toBe('team-a_kes-client')
    expect(() => handedOut(client)).toThrow('nothing was handed out')
  })

  it('waits for every endpoint: one of two is not enough', async () => {
    await first.configure(statusOf(client)?.enrol?.configuration ?? '')
    await first.clientOf(first.admin).createKey('team-a_minio')
    await settle(client)
    expect(conditionOf(client, 'Ready')).toMatchObject({ status: 'False', reason: 'EnrolmentAwaited' })
    expect(conditionOf(client, 'Ready')?.message).toContain(onLoopback(second.port))
  })

  it('hands the identity out once what stood there was pasted, with the authority of that server', async () => {
    await configure(statusOf(client)?.enrol?.configuration ?? '')
    await settle(client)
    expect(conditionOf(client, 'Ready')).toMatchObject({ status: 'True' })
    const secret = client.at(secrets, { namespace: 'team-a', name: 'kes-client' })
    expect(secret && secretText(secret, 'ca.crt')).toBe(first.authority.certificatePem)
  })

  it('lets a real MinIO encrypt with it, and open again', async () => {
    const endpoint = onLoopback(first.port)
    const minio = await startMinio({ endpoint, authority: first.authority }, handedOut(client), 'team-a_minio')
    try {
      expect(await minio.mc('mb', 'it/bucket')).toMatchObject({ code: 0 })
      expect(await minio.mc('encrypt', 'set', 'sse-kms', 'team-a_minio', 'it/bucket')).toMatchObject({ code: 0 })
      expect(await minio.mc('cp', import.meta.filename, 'it/bucket/object')).toMatchObject({ code: 0 })
      expect((await minio.mc('stat', 'it/bucket/object')).said).toContain('team-a_minio')
      expect((await minio.mc('cat', 'it/bucket/object')).said).toContain('lets a real MinIO encrypt')
    } finally {
      await minio.stop()
    }
  }, 120_000)

  it('holds a deleted identity until its policy was taken out everywhere, and a real call was refused', async () => {
    deleteIdentity(client)
    await settle(client)
    expect(finalizers(client)).toEqual([revocationFinalizer])
    expect(conditionOf(client, 'Revoked')).toMatchObject({ status: 'False', reason: 'RemovalAwaited' })
    expect(conditionOf(client, 'Revoked')?.message).toContain('remove the policy team-a_kes-client')
    await first.configure('policy:')
    await settle(client)
    expect(finalizers(client)).toEqual([revocationFinalizer])
    await second.configure('policy:')
    await settle(client)
    expect(finalizers(client)).toEqual([])
    expect(client.at(secrets, { namespace: releaseNamespace, name: 'identity.team-a.kes-client' })).toBeUndefined()
  })
})

describe('two servers with a key each under one name', () => {
  it('get no identity: what one has sealed the other cannot open', async () => {
    const first = await newCurrentServer()
    const second = await newCurrentServer({ authority: first.authority })
    try {
      const client = clusterWith([first.port, second.port].map(onLoopback), first.authority.certificatePem)
      await settle(client)
      for (const each of [first, second]) {
        await each.configure(statusOf(client)?.enrol?.configuration ?? '')
        await each.clientOf(each.admin).createKey('team-a_minio')
      }
      await settle(client)
      expect(conditionOf(client, 'Ready')).toMatchObject({ status: 'False', reason: 'CallRefused' })
      expect(() => handedOut(client)).toThrow('nothing was handed out')
    } finally {
      await first.close()
      await second.close()
    }
  }, 120_000)
})

describe('a stateful KES that somebody else runs, with an administrator for us', () => {
  let server: Stateful
  let client: MemoryClient

  beforeAll(async () => {
    ;({ server } = await servingKeyServer())
    const endpoint = onLoopback(Number(new URL(server.endpoint).port))
    client = clusterWith([endpoint], server.authority.certificatePem, server.admin)
    await settle(client)
  }, 600_000)
  afterAll(() => server.close())

  it('gets its key, policy and identity over REST, and the identity is handed out', async () => {
    expect(client.at(keyServers, { name: 'theirs' })?.status?.keys).toEqual(['team-a_minio'])
    expect(conditionOf(client, 'Ready')).toMatchObject({ status: 'True' })
    expect(statusOf(client)?.enrol).toBeUndefined()
    const { plaintext, ciphertext } = await server.clientOf(handedOut(client)).generate('team-a_minio')
    expect(await server.clientOf(handedOut(client)).decrypt('team-a_minio', ciphertext)).toEqual(plaintext)
  })

  it('lets a real MinIO encrypt with it', async () => {
    const minio = await startMinio(server, handedOut(client), 'team-a_minio')
    try {
      expect(await minio.mc('mb', 'it/bucket')).toMatchObject({ code: 0 })
      expect(await minio.mc('encrypt', 'set', 'sse-kms', 'team-a_minio', 'it/bucket')).toMatchObject({ code: 0 })
      expect(await minio.mc('cp', import.meta.filename, 'it/bucket/object')).toMatchObject({ code: 0 })
      expect((await minio.mc('cat', 'it/bucket/object')).said).toContain('lets a real MinIO encrypt')
    } finally {
      await minio.stop()
    }
  }, 120_000)

  it('refuses a deleted identity at once, and keeps its key and the identity of another cluster', async () => {
    const pair = handedOut(client)
    const admin = server.clientOf(server.admin)
    // Another cluster has a namespace of that name, and its identity there the policy of that name.
    const another = server.newCaller('another cluster')
    await admin.assignPolicy('team-a_kes-client', another.identity)
    deleteIdentity(client)
    await settle(client)
    expect(finalizers(client)).toEqual([])
    expect(conditionOf(client, 'Revoked')).toMatchObject({ status: 'True', reason: 'Refused' })
    await expect(server.clientOf(pair).generate('team-a_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
    expect((await admin.listIdentities('*')).map(({ identity }) => identity)).not.toContain(pair.identity)
    await server.clientOf(another).generate('team-a_minio')
    expect(await admin.describeKey('team-a_minio')).toBeDefined()
  })
})

describe('a server that is not the one that the Secret vouches for', () => {
  it('is told nothing and trusted with nothing', async () => {
    const theirs = await newCurrentServer()
    const another = await newCurrentServer()
    try {
      const client = clusterWith([onLoopback(theirs.port)], another.authority.certificatePem)
      await settle(client)
      expect(serverCondition(client, 'Ready')).toMatchObject({ status: 'False', reason: 'Unreachable' })
      expect(serverCondition(client, 'Serving')?.message).toContain('no TLS connection')
      expect(conditionOf(client, 'Ready')).toMatchObject({ status: 'False', reason: 'KeyServerNotReady' })
    } finally {
      await theirs.close()
      await another.close()
    }
  }, 120_000)
})
