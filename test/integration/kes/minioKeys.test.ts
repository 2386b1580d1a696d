import { renameSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { minioPolicy } from '../../../src/kes/policy.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { until } from '../../rig/waiting.ts'
import { imagePrograms, type Launched } from './launcher.ts'
import { servingKeyServer, untilUp, type Caller, type KeyServer } from './keyServer.ts'
import { startMinio, type Minio } from './minio.ts'

let server: KeyServer
let launched: Launched
let admin: StatefulKes
let minio: Minio
let identity: Caller

const allowCreation = (allowKeyCreation: boolean) =>
  admin.writePolicy('one', minioPolicy({ keyPrefix: 'one_', allowKeyCreation }))

beforeAll(async () => {
  await imagePrograms()
  ;({ server, launched, admin } = await servingKeyServer())
  identity = server.newCaller('one')
  for (const name of ['one_minio', 'one_docs']) await admin.createKey(name)
  await allowCreation(false)
  await admin.assignPolicy('one', identity.identity)
  minio = await startMinio(server, identity, 'one_minio')
}, 600_000)
afterAll(async () => {
  await minio.stop()
  await server.close()
})

/** A restart empties the memory of KES: only then does it replace keys. */
async function restartKes(): Promise<void> {
  const starts = (): number => launched.output().split('"msg":"kes started"').length
  const before = starts()
  writeFileSync(`${server.restartFile}.next`, String(before))
  renameSync(`${server.restartFile}.next`, server.restartFile)
  await until(() => (starts() === before ? undefined : true), { what: 'a restart', timeoutMs: 10_000 })
  await untilUp(admin, launched)
}

describe('a real MinIO with the policy that the controller gives it', () => {
  it('starts, encrypts with its keys and reads back', async () => {
    expect((await minio.mc('mb', 'it/bucket')).code).toBe(0)
    expect((await minio.mc('encrypt', 'set', 'sse-kms', 'one_docs', 'it/bucket')).code).toBe(0)
    const { code, said } = await minio.mc('admin', 'kms', 'key', 'status', 'it', 'one_docs')
    expect(code, said).toBe(0)
  })

  it('is refused to create a key that exists, in a KES that would have replaced it: the key is unchanged', async () => {
    const before = await admin.describeKey('one_docs')
    const { ciphertext, plaintext } = await admin.generate('one_docs')
    await restartKes()
    const { code, said } = await minio.mc('admin', 'kms', 'key', 'create', 'it', 'one_docs')
    expect(code, said).not.toBe(0)
    expect(await admin.decrypt('one_docs', ciphertext)).toEqual(plaintext)
    expect(await admin.describeKey('one_docs')).toEqual(before)
  })

  it('is refused to create any other key as well', async () => {
    expect((await minio.mc('admin', 'kms', 'key', 'create', 'it', 'one_new')).code).not.toBe(0)
    expect(await admin.describeKey('one_new')).toBeUndefined()
  })
})

describe('the same MinIO where allowKeyCreation is true', () => {
  it('destroys a key that KES has not loaded, without a word', async () => {
    await allowCreation(true)
    const { ciphertext } = await admin.generate('one_docs')
    await restartKes()
    expect((await minio.mc('admin', 'kms', 'key', 'create', 'it', 'one_docs')).code).toBe(0)
    await expect(admin.decrypt('one_docs', ciphertext)).rejects.toMatchObject({ code: 'NotAuthentic' })
  })

  it('cannot once the keys were loaded by a list, as the controller does after every start', async () => {
    const { ciphertext, plaintext } = await admin.generate('one_docs')
    await restartKes()
    await admin.listKeys('*')
    expect((await minio.mc('admin', 'kms', 'key', 'create', 'it', 'one_docs')).code).not.toBe(0)
    expect(await admin.decrypt('one_docs', ciphertext)).toEqual(plaintext)
  })
})
