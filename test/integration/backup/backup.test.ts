import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packBackup, unpackBackup } from '../../../src/backup/archive.ts'
import type { Backup } from '../../../src/backup/backup.ts'
import { checkBackup } from '../../../src/backup/check.ts'
import { seal } from '../../../src/backup/sealing.ts'
import { writeTar } from '../../../src/backup/tar.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { servingKeyServer, untilUp, type KeyServer } from '../kes/keyServer.ts'
import { imagePrograms, type Launched } from '../kes/launcher.ts'
import { backupOf } from './realKes.ts'

const problems = (backup: Backup): readonly string[] =>
  checkBackup(backup)
    .filter(({ ok }) => !ok)
    .map(({ check }) => check)

describe('a backup of a real KES', () => {
  let server: KeyServer
  let launched: Launched
  let admin: StatefulKes
  let backup: Backup
  let dataKey: { readonly plaintext: Buffer; readonly ciphertext: Buffer }

  beforeAll(async () => {
    ;({ server, launched, admin } = await servingKeyServer())
    for (const name of ['kes-injector-check', 'one_minio', 'k'.repeat(80)]) await admin.createKey(name)
    dataKey = await admin.generate('one_minio')
    backup = await backupOf(server, admin)
  })

  afterAll(async () => {
    admin.close()
    await server.close()
  })

  const withFile = (path: string, content: Buffer | undefined): Backup => {
    const files = new Map(backup.data.files)
    if (content) files.set(path, content)
    else files.delete(path)
    return { ...backup, data: { ...backup.data, files } }
  }
  const withSecret = (name: string, key: string, text: string): Backup => ({
    ...backup,
    secrets: backup.secrets.map((secret) =>
      secret.metadata.name === name
        ? { ...secret, data: { ...secret.data, [key]: Buffer.from(text).toString('base64') } }
        : secret,
    ),
  })

  it('is found good, before and after its way through the archive', () => {
    expect(problems(backup)).toEqual([])
    expect(problems(unpackBackup(packBackup(backup)).backup)).toEqual([])
  })

  it('is found wanting with another unseal key, an administrator or an authority that is not the recorded one', () => {
    const other = withSecret('kes-default-unseal', 'key', newUnsealKey(systemRandom))
    expect(problems(other)).toEqual(['unsealKey', 'dataDirectory'])
    const { certificatePem, keyPem } = server.newCaller('stranger')
    const stranger = withSecret('kes-default-enclave-admin', 'tls.crt', certificatePem)
    expect(problems(stranger)).toEqual(expect.arrayContaining(['administrators', 'dataDirectory']))
    expect(problems(withSecret('kes-default-enclave-admin', 'tls.key', keyPem))).toEqual(['administrators'])
    expect(problems(withSecret('kes-default-authority-1', 'tls.crt', certificatePem))).toEqual(
      expect.arrayContaining(['authority']),
    )
    expect(problems({ ...backup, secrets: [] })).toEqual(
      expect.arrayContaining(['authority', 'unsealKey', 'administrators', 'dataDirectory']),
    )
  })

  it('needs no key of the authority where an issuer elsewhere signs, and needs it everywhere else', () => {
    const secrets = backup.secrets.map((secret) => {
      if (secret.metadata.name !== 'kes-default-authority-1') return secret
      const { 'tls.key': _, ...data } = secret.data ?? {}
      return { ...secret, data }
    })
    expect(problems({ ...backup, secrets })).toEqual(['authority'])
    const { keyServer } = backup
    const issuerRef = { name: 'company', kind: 'ClusterIssuer', group: 'cert-manager.io' }
    const certificates = { ...keyServer.spec.certificates, issuerRef }
    const elsewhere = { ...keyServer, spec: { ...keyServer.spec, certificates } }
    expect(problems({ ...backup, keyServer: elsewhere, secrets })).toEqual([])
  })

  it('is found wanting where a key is missing, damaged, or the data of another server', async () => {
    const path = 'enclave/default/key/one_minio'
    expect(problems(withFile(path, undefined))).toEqual(['keys'])
    const damaged = Buffer.from(backup.data.files.get(path) ?? [])
    damaged[80] = (damaged[80] ?? 0) ^ 1
    expect(problems(withFile(path, damaged))).toEqual(['keys'])
    expect(problems(withFile('.unseal', Buffer.alloc(0)))).toEqual(['dataDirectory'])
    const other = await servingKeyServer()
    try {
      await other.admin.createKey('kes-injector-check')
      const theirs = await backupOf(other.server, other.admin)
      expect(problems({ ...backup, data: theirs.data })).toEqual(['dataDirectory'])
      expect(problems({ ...backup, known: theirs.known })).toEqual(['knownCiphertext'])
    } finally {
      other.admin.close()
      await other.server.close()
    }
  })

  it('is opened by age itself, and tar lists what is in it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'age-'))
    try {
      const [file, key] = [join(folder, 'kes.age'), join(folder, 'key')]
      const identity = await generateIdentity()
      writeFileSync(key, identity)
      writeFileSync(file, await seal(packBackup(backup), { recipients: [await identityToRecipient(identity)] }))
      const archive = execFileSync(await ensureProgram('age'), ['-d', '-i', key, file])
      const listed = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' }).split('\n')
      expect(listed.slice(0, 1)).toEqual(['manifest.json'])
      expect(listed).toEqual(expect.arrayContaining(['data/.unseal', 'data/enclave/default/secret/', 'secrets.json']))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('becomes the same key server again: the launcher unpacks it, KES starts, and decrypts what it had encrypted', async () => {
    launched.process.kill('SIGTERM')
    await launched.ended
    renameSync(server.data, `${server.data}.lost`)
    const archive = writeTar([
      ...backup.data.folders.map((path) => ({ path, content: 'folder' as const })),
      ...[...backup.data.files].map(([path, content]) => ({ path, content })),
    ])
    const sha256 = createHash('sha256').update(archive).digest('hex')
    const { launcher } = await imagePrograms()
    const unpack = (input: Buffer) =>
      spawnSync(launcher, ['import', '--data', server.data, '--sha256', sha256], { input })
    const cut = unpack(archive.subarray(0, archive.length / 2))
    expect({ status: cut.status, left: server.onVolume() }).toEqual({ status: 1, left: ['kes.lost'] })
    expect(unpack(archive).status).toBe(0)
    expect(unpack(archive).status).toBe(0)
    await untilUp(admin, server.serve())
    expect(await admin.decrypt('one_minio', dataKey.ciphertext)).toEqual(dataKey.plaintext)
    expect(server.onVolume()).toEqual(['kes', 'kes.lost'])
    await admin.createKey('after')
    expect(unpack(archive).status).toBe(3)
    expect(await admin.describeKey('after')).toBeDefined()
  })
})
