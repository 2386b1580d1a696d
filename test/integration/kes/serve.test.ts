import { X509Certificate } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPredictable } from '../../../src/kes/dataKeys.ts'
import { unsealVariable } from '../../../src/kes/initConfig.ts'
import { minioPolicy, samePolicy } from '../../../src/kes/policy.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { createAuthority } from '../../../src/pki/authority.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { until } from '../../rig/waiting.ts'
import { imagePrograms, type Launched } from './launcher.ts'
import { servingKeyServer, untilUp, type KeyServer } from './keyServer.ts'

let server: KeyServer
let launched: Launched
let admin: StatefulKes
beforeAll(async () => {
  await imagePrograms()
  ;({ server, launched, admin } = await servingKeyServer())
}, 600_000)
afterAll(() => server.close())

const policy = minioPolicy({ keyPrefix: 'one_', allowKeyCreation: false })

/** The pid of the KES that the launcher started last. */
const kesPid = (): number => {
  const pids = [...launched.output().matchAll(/"msg":"kes started","pid":(\d+)/g)]
  return Number(pids.at(-1)?.[1])
}

/** Calls without a pause while something happens; answers the longest time between two calls that succeeded. */
async function longestGapMs(happen: () => void, over: () => Promise<boolean>): Promise<number> {
  let [lastMs, gapMs] = [performance.now(), 0]
  happen()
  for (let ended = false; !ended;) {
    if (await admin.version().catch(() => undefined)) {
      gapMs = Math.max(gapMs, performance.now() - lastMs)
      lastMs = performance.now()
      ended = await over()
    } else {
      await delay(2)
    }
  }
  return gapMs
}

/** As the kubelet exchanges a file: whole, at once. A launcher that looked between emptying and writing would restart twice. */
function askForRestart(file: string, generation: string): void {
  writeFileSync(`${file}.next`, generation)
  renameSync(`${file}.next`, file)
}

describe('launcher serve with the real KES', () => {
  it('answers the enclave admin under the identity of its key', async () => {
    expect(await admin.describeSelf()).toMatchObject({ identity: server.admin.identity, isAdmin: true })
  })

  it('shows the certificate it serves', () => {
    expect(admin.peerCertificate()).toMatchObject({ dnsNames: ['kes.test'], ipAddresses: ['127.0.0.1'] })
  })

  it('says that a key does not exist before it is created, and describes it after', async () => {
    expect(await admin.describeKey('one_minio')).toBeUndefined()
    await admin.createKey('one_minio')
    expect(await admin.describeKey('one_minio')).toMatchObject({ name: 'one_minio', createdBy: server.admin.identity })
    expect((await admin.listKeys('one_*')).map(({ name }) => name)).toEqual(['one_minio'])
    expect(await admin.listKeys('none_*')).toEqual([])
  })

  it('does not begin with the data keys that anybody can compute', async () => {
    const { plaintext } = await admin.generate('one_minio')
    expect(plaintext).toHaveLength(32)
    expect(isPredictable(plaintext)).toBe(false)
  })

  it('writes and reads a policy back as the same one', async () => {
    expect(await admin.readPolicy('one')).toBeUndefined()
    await admin.writePolicy('one', policy)
    const read = await admin.readPolicy('one')
    expect(read && samePolicy(read, policy)).toBe(true)
  })

  it('lets a fresh identity use the keys of its policy from its assignment to its deletion', async () => {
    const caller = server.newCaller('minio of one')
    const minio = server.clientOf(caller)
    await expect(minio.generate('one_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
    expect(await admin.describeIdentity(caller.identity)).toBeUndefined()

    await admin.assignPolicy('one', caller.identity)
    expect(await admin.describeIdentity(caller.identity)).toEqual({ policy: 'one', isAdmin: false })
    expect((await admin.listIdentities('*')).map(({ identity }) => identity)).toContain(caller.identity)
    const context = Buffer.from('bucket/object')
    const { plaintext, ciphertext } = await minio.generate('one_minio', context)
    expect(await minio.decrypt('one_minio', ciphertext, context)).toEqual(plaintext)
    await expect(minio.decrypt('one_minio', ciphertext)).rejects.toMatchObject({ code: 'NotAuthentic' })
    await expect(minio.createKey('one_other')).rejects.toMatchObject({ code: 'NotAllowed' })

    await admin.deleteIdentity(caller.identity)
    await expect(minio.generate('one_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
  })

  it('is not believed under another authority', async () => {
    const stranger = createAuthority({ commonName: 'stranger', lifetimeMs: 86_400_000, now: new Date() })
    const misled = server.clientOf(server.admin, stranger)
    await expect(misled.version()).rejects.toMatchObject({ code: 'TlsFailed' })
  })

  it('restarts KES in place when the restart file changes, and what was sealed before opens after', async () => {
    const { plaintext, ciphertext } = await admin.generate('one_minio')
    const before = kesPid()
    const gapMs = await longestGapMs(
      () => askForRestart(server.restartFile, 'generation 2'),
      () => Promise.resolve(kesPid() !== before),
    )
    console.log(`restart in place: ${gapMs.toFixed(0)} ms without an answer`)
    expect(gapMs).toBeLessThan(1_500)
    expect(launched.process.exitCode).toBeNull()
    expect(await admin.decrypt('one_minio', ciphertext)).toEqual(plaintext)
    expect(await admin.readPolicy('one')).toBeDefined()
  })

  it('refuses to replace a key that was described after a restart', async () => {
    // Without the describe this version answers 200 and destroys the key: the reason for "describe first".
    const { ciphertext } = await admin.generate('one_minio')
    const before = kesPid()
    askForRestart(server.restartFile, 'generation 3')
    await until(() => (kesPid() === before ? undefined : true), { what: 'a restart', timeoutMs: 10_000 })
    await untilUp(admin, launched)
    expect(await admin.describeKey('one_minio')).toBeDefined()
    await expect(admin.createKey('one_minio')).rejects.toMatchObject({ code: 'BadRequest' })
    expect(await admin.decrypt('one_minio', ciphertext)).toHaveLength(32)
  })

  it('starts a KES that was killed again at once', async () => {
    const before = kesPid()
    const gapMs = await longestGapMs(
      () => process.kill(before, 'SIGKILL'),
      () => Promise.resolve(kesPid() !== before),
    )
    console.log(`after a kill: ${gapMs.toFixed(0)} ms without an answer`)
    expect(gapMs).toBeLessThan(1_500)
  })

  it('restarts KES on SIGHUP instead of passing it on', async () => {
    const deaths = (): number => launched.output().split('kes ended by itself').length
    const [pid, deathsBefore] = [kesPid(), deaths()]
    launched.process.kill('SIGHUP')
    await until(() => (kesPid() === pid ? undefined : true), { what: 'a restart', timeoutMs: 10_000 })
    await untilUp(admin, launched)
    expect(launched.output()).toContain('asked by SIGHUP')
    expect(deaths()).toBe(deathsBefore)
  })

  it('serves a renewed certificate after a restart in place', async () => {
    const { serialNumber } = new X509Certificate(server.renewServerCertificate())
    expect(admin.peerCertificate()?.serial).not.toBe(serialNumber)
    const before = kesPid()
    askForRestart(server.restartFile, 'generation 4')
    await until(() => (kesPid() === before ? undefined : true), { what: 'a restart', timeoutMs: 10_000 })
    await untilUp(admin, launched)
    expect(admin.peerCertificate()?.serial).toBe(serialNumber)
  })

  it('keeps a second launcher away from the same volume', async () => {
    const second = server.serve()
    await until(() => (second.output().includes('another launcher still serves') ? true : undefined), {
      what: 'the second launcher to say that it waits',
      timeoutMs: 10_000,
    })
    second.process.kill('SIGTERM')
    expect(await second.ended).not.toBe(0)
    expect(await admin.version()).toBeDefined()
  })

  it('ends cleanly on SIGTERM, says nothing secret, and cannot be reached afterwards', async () => {
    const pid = kesPid()
    launched.process.kill('SIGTERM')
    expect(await launched.ended).toBe(0)
    expect(() => readFileSync(`/proc/${pid}/stat`)).toThrow()
    await expect(admin.version()).rejects.toMatchObject({ code: 'Unreachable' })
    for (const secret of [server.unsealKey, server.admin.keyPem]) expect(launched.output()).not.toContain(secret)
  })

  it('is not opened by another unseal key, and goes on with the right one', async () => {
    const locked = server.serve({ [unsealVariable]: newUnsealKey(systemRandom) })
    await until(() => (locked.output().match(/ciphertext is not authentic/g)?.length === 3 ? true : undefined), {
      what: 'KES to refuse the unseal key three times',
      timeoutMs: 10_000,
      everyMs: 5,
    })
    locked.process.kill('SIGTERM')
    expect(await locked.ended).toBeDefined()
    const unlocked = server.serve()
    await untilUp(admin, unlocked)
    expect(await admin.describeKey('one_minio')).toBeDefined()
  })
})
