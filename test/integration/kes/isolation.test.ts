import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openConnection } from '../../../src/kes/connection.ts'
import { minioPolicy } from '../../../src/kes/policy.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { imagePrograms } from './launcher.ts'
import { servingKeyServer, type Caller, type KeyServer } from './keyServer.ts'

/** Namespaces whose names look like one another. */
const namespaces = ['a', 'a-b', 'ab', 'b'] as const

let server: KeyServer
let admin: StatefulKes
const callers = new Map<string, Caller>()

beforeAll(async () => {
  await imagePrograms()
  ;({ server, admin } = await servingKeyServer())
  for (const namespace of namespaces) {
    const caller = server.newCaller(namespace)
    callers.set(namespace, caller)
    await admin.createKey(`${namespace}_minio`)
    await admin.writePolicy(namespace, minioPolicy({ keyPrefix: `${namespace}_`, allowKeyCreation: true }))
    await admin.assignPolicy(namespace, caller.identity)
  }
}, 600_000)
afterAll(() => server.close())

const callerOf = (namespace: string): Caller => callers.get(namespace) ?? server.newCaller(namespace)

describe('the policies of namespaces whose names look alike', () => {
  for (const mine of namespaces) {
    for (const theirs of namespaces) {
      it(`${mine === theirs ? 'lets' : 'does not let'} ${mine} use the keys of ${theirs}`, async () => {
        const minio = server.clientOf(callerOf(mine))
        const sealed = await admin.generate(`${theirs}_minio`)
        const calls = [
          () => minio.generate(`${theirs}_minio`),
          () => minio.decrypt(`${theirs}_minio`, sealed.ciphertext),
          () => minio.describeKey(`${theirs}_minio`),
          () => minio.listKeys(`${theirs}_*`),
          () => minio.createKey(`${theirs}_more-for-${mine}`),
        ]
        for (const call of calls) {
          if (mine === theirs) await expect(call()).resolves.not.toThrow()
          else await expect(call()).rejects.toMatchObject({ code: 'NotAllowed' })
        }
      })
    }
  }

  it('do not open a way around by odd paths or patterns', async () => {
    const { certificatePem: cert, keyPem: key } = callerOf('a')
    const { endpoint, authority } = server
    const connection = openConnection({
      endpoint,
      ca: authority.certificatePem,
      cert,
      key,
      timeoutMs: 5_000,
      lookupAddress: '127.0.0.1',
    })
    expect(await connection.call('POST', '/v1/key/generate/a_minio')).toBeDefined()
    const paths = [
      '/v1/key/generate/a_/../ab_minio',
      '/v1/key/generate/a_%2f..%2fab_minio',
      '/v1/key/generate/a_..%2fab_minio',
      '/v1/key/generate//ab_minio',
      '/v1/key/generate/./ab_minio',
      '/v1/key/generate/a_minio%00',
      '/v1/key/generate/ab_minio?enclave=default&x=/v1/key/generate/a_minio',
    ]
    for (const path of paths) {
      await expect(connection.call('POST', path), path).rejects.toMatchObject({
        code: expect.stringMatching(/^(NotAllowed|BadRequest|BadResponse)$/) as string,
      })
    }
    for (const pattern of ['*', 'a*', 'ab*', '*_minio', 'a-*']) {
      await expect(connection.call('GET', `/v1/key/list/${pattern}`), pattern).rejects.toMatchObject({
        code: 'NotAllowed',
      })
    }
  })

  it('let nobody delete or import a key, or touch policies and identities', async () => {
    const minio = server.clientOf(callerOf('a'))
    await expect(minio.writePolicy('a', { allow: ['/*'], deny: [] })).rejects.toMatchObject({ code: 'NotAllowed' })
    await expect(minio.assignPolicy('b', callerOf('a').identity)).rejects.toMatchObject({ code: 'NotAllowed' })
    await expect(minio.deleteIdentity(callerOf('b').identity)).rejects.toMatchObject({ code: 'NotAllowed' })
    const { certificatePem: cert, keyPem: key } = callerOf('a')
    const ca = server.authority.certificatePem
    const options = { endpoint: server.endpoint, ca, cert, key, timeoutMs: 5_000, lookupAddress: '127.0.0.1' }
    const connection = openConnection(options)
    const refused = { code: 'NotAllowed' }
    await expect(connection.call('DELETE', '/v1/key/delete/a_minio')).rejects.toMatchObject(refused)
    const imported = { bytes: Buffer.alloc(32).toString('base64'), algorithm: 'AES256-GCM_SHA256' }
    await expect(connection.call('POST', '/v1/key/import/a_minio', imported)).rejects.toMatchObject(refused)
  })
})
