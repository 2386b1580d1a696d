import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keysAt } from '../../../src/controller/server/replicas.ts'
import { readKeystore } from '../../../src/kes/keystore.ts'
import { startVaultStandIn, type VaultStandIn } from '../../rig/vault/standIn.ts'
import { until } from '../../rig/waiting.ts'
import { newMountedKes, untilAnswering, type MountedKes } from './mountedKes.ts'

let vault: VaultStandIn
let server: MountedKes
beforeEach(async () => {
  vault = await startVaultStandIn()
  server = await newMountedKes({ any: '1h', unused: '1h' })
})
afterEach(async () => {
  await server.close()
  await vault.stop()
})

/** The section as a person writes it, read as the controller reads it. */
function section(auth: string): object {
  const read = readKeystore(`vault:\n  endpoint: ${vault.endpoint}\n  engine: kv\n  version: v2\n${auth}`)
  if ('problem' in read) throw new Error(read.problem)
  return read.keystore
}

const approle = (secret: string) => section(`  approle:\n    id: ${vault.approle.id}\n    secret: ${secret}\n`)

describe('a real KES v0.24.0 before a stand-in of Vault', () => {
  it('proves itself by AppRole, with the secret in its environment', async () => {
    server.mount({ policies: [], keystore: approle('${APPROLE_SECRET}') })
    server.start({ APPROLE_SECRET: vault.approle.secret })
    const kes = server.clientOf(server.admin)
    await untilAnswering(kes, server)
    expect(vault.logins()).toContain('approle')
    expect(await keysAt(kes, ['team-a_minio'])).toEqual({ present: [], absent: ['team-a_minio'] })
    await kes.createKey('team-a_minio')
    expect(vault.stored()).toEqual(['team-a_minio'])
    const { plaintext, ciphertext } = await kes.generate('team-a_minio')
    expect(await kes.decrypt('team-a_minio', ciphertext)).toEqual(plaintext)
    expect(await kes.listKeys('*')).toEqual([{ name: 'team-a_minio' }])
  })

  it('proves itself by the token of its ServiceAccount', async () => {
    const jwt = join(server.folder, 'token')
    writeFileSync(jwt, vault.kubernetes.jwt)
    server.mount({
      policies: [],
      keystore: section(`  kubernetes:\n    role: ${vault.kubernetes.role}\n    jwt: ${jwt}\n`),
    })
    server.start()
    const kes = server.clientOf(server.admin)
    await untilAnswering(kes, server)
    expect(vault.logins()).toEqual(['kubernetes'])
    await kes.createKey('team-a_minio')
    await kes.generate('team-a_minio')
  })

  it('goes on with the keys that it remembers while Vault is away, calls none gone, and recovers', async () => {
    server.mount({ policies: [], keystore: approle(vault.approle.secret) })
    server.start()
    const kes = server.clientOf(server.admin)
    await untilAnswering(kes, server)
    for (const name of ['known', 'other']) await kes.createKey(name)
    const { plaintext, ciphertext } = await kes.generate('known')
    await vault.stop()
    const away = async () => ((await kes.status()).keystoreReachable ? undefined : true)
    await until(away, { what: 'KES to miss Vault', timeoutMs: 25_000, everyMs: 200 })
    expect(await kes.decrypt('known', ciphertext)).toEqual(plaintext)
    await kes.generate('known')
    await expect(kes.describeKey('other')).rejects.toHaveProperty('code', expect.stringMatching(/ServerError|Timeout/))
    expect(await keysAt(kes, ['known', 'other', 'never'])).toEqual({ present: ['known'], absent: [] })
    await vault.start()
    const back = async () => ((await kes.status()).keystoreReachable ? true : undefined)
    await until(back, { what: 'KES to find Vault', timeoutMs: 25_000, everyMs: 200 })
    expect(await keysAt(kes, ['known', 'other', 'never'])).toEqual({ present: ['known', 'other'], absent: ['never'] })
  }, 90_000)

  it('does not start with a secret that Vault refuses, and says so where the kubelet keeps it', async () => {
    server.mount({ policies: [], keystore: approle('wrong') })
    const child = server.start()
    await once(child, 'close')
    expect(child.exitCode).toBe(1)
    const last = server.output().trim().split('\n').at(-1) ?? ''
    expect(server.output()).toContain('invalid role or secret ID')
    expect(last).not.toContain('wrong')
    console.log(`KES said last: ${last}`)
  })
})
