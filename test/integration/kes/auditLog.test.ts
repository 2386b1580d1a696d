import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followAuditLog, type AuditedCall } from '../../../src/kes/auditLog.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { until } from '../../rig/waiting.ts'
import { imagePrograms, type Launched } from './launcher.ts'
import { servingKeyServer, type Caller, type KeyServer } from './keyServer.ts'

let server: KeyServer
let launched: Launched
let admin: StatefulKes
let minio: Caller
beforeAll(async () => {
  await imagePrograms()
  ;({ server, launched, admin } = await servingKeyServer())
  minio = server.newCaller('minio')
}, 600_000)
afterAll(() => server.close())

const options = (who: Caller, idleMs = 60_000) => ({
  endpoint: server.endpoint,
  ca: server.authority.certificatePem,
  cert: who.certificatePem,
  key: who.keyPem,
  lookupAddress: '127.0.0.1',
  idleMs,
})

describe('the audit log of the real KES', () => {
  it('tells who called what, refused calls included, and ends when it is told to', async () => {
    const heard: AuditedCall[] = []
    const stop = new AbortController()
    const following = followAuditLog({ ...options(server.admin), signal: stop.signal }, (call) => heard.push(call))
    const called = await until(
      async () => {
        await server
          .clientOf(minio)
          .describeKey('one_minio')
          .catch(() => undefined)
        return heard.find(({ identity }) => identity === minio.identity)
      },
      { what: 'the call to be told', timeoutMs: 10_000, everyMs: 100 },
    )
    expect(called).toMatchObject({ path: '/v1/key/describe/one_minio', ip: '127.0.0.1', code: 403 })
    await admin.version()
    stop.abort()
    await expect(following).resolves.toBeUndefined()
  })

  it('is refused to everybody but the administrator', async () => {
    const { signal } = new AbortController()
    await expect(followAuditLog({ ...options(minio), signal }, () => undefined)).rejects.toMatchObject({
      code: 'NotAllowed',
    })
  })

  it('counts as broken when it is silent for too long', async () => {
    const { signal } = new AbortController()
    const began = performance.now()
    await expect(followAuditLog({ ...options(server.admin, 300), signal }, () => undefined)).rejects.toMatchObject({
      code: 'Timeout',
    })
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('is an error when KES goes away', async () => {
    const { signal } = new AbortController()
    const following = followAuditLog({ ...options(server.admin), signal }, () => undefined)
    const refused = expect(following).rejects.toMatchObject({ code: 'Unreachable' })
    await server.clientOf(minio).version()
    launched.process.kill('SIGTERM')
    await refused
  })
})
