import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unsealVariable } from '../../../src/kes/initConfig.ts'
import { minioPolicy } from '../../../src/kes/policy.ts'
import { connect, type StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { createAuthority, issue } from '../../../src/pki/authority.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { freePorts } from '../../rig/freePort.ts'
import { handMadeKey, makeByHand, type HandMade } from './handMade.ts'
import { imagePrograms, launch, type ImagePrograms, type Launched } from './launcher.ts'
import { untilUp } from './keyServer.ts'

const dayMs = 86_400_000

let programs: ImagePrograms
let made: HandMade
let port: number
let tls: string
const authority = createAuthority({ commonName: 'new authority', lifetimeMs: 365 * dayMs, now: new Date() })
const launched: Launched[] = []

beforeAll(async () => {
  programs = await imagePrograms()
  made = await makeByHand(programs)
  ;[port = 0] = await freePorts(1)
  tls = mkdtempSync(join(tmpdir(), 'kes-tls-'))
  const key = generatePrivateKey()
  writeFileSync(join(tls, 'tls.key'), privateKeyPem(key))
  const leaf = {
    commonName: 'kes',
    usages: ['server'] as const,
    dnsNames: ['kes.test'],
    lifetimeMs: dayMs,
    now: new Date(),
  }
  writeFileSync(join(tls, 'tls.crt'), issue(authority, { ...leaf, key }))
}, 600_000)
afterAll(async () => {
  for (const { process, ended } of launched) {
    process.kill('SIGKILL')
    await ended
  }
  made.remove()
  rmSync(tls, { recursive: true })
})

const adopt = (data: string, unsealKey: string, using = programs): Launched => {
  const pair = ['--key', join(tls, 'tls.key'), '--cert', join(tls, 'tls.crt')]
  return launch(using, ['adopt', '--data', data, '--address', `127.0.0.1:${port}`, ...pair], {
    [unsealVariable]: unsealKey,
  })
}

const clientOf = ({ certificatePem, keyPem }: PairPem): StatefulKes =>
  connect({
    endpoint: `https://kes.test:${port}`,
    lookupAddress: '127.0.0.1',
    ca: authority.certificatePem,
    cert: certificatePem,
    key: keyPem,
    timeoutMs: 5_000,
  })

/** Every file below a folder with a hash of its content. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  return Object.fromEntries(
    names
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  )
}

describe('a stateful KES that was made by hand', () => {
  it('is refused at a wrong path: the right one is named, and nothing is written', async () => {
    const before = filesOf(made.volume)
    const wrong = adopt(join(made.volume, 'kes'), made.unsealKey)
    expect(await wrong.ended).toBe(1)
    expect(wrong.output()).toContain('it is no data directory of a stateful KES')
    expect(wrong.output()).toContain(made.data)
    expect(filesOf(made.volume)).toEqual(before)
    expect(readdirSync(made.volume)).toEqual(['kes-data'])
  })

  it('is refused on an empty volume, and by a KES that cannot read it', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'empty-'))
    mkdirSync(join(empty, 'kes'))
    const refused = adopt(join(empty, 'kes'), made.unsealKey)
    expect(await refused.ended).toBe(1)
    expect(readdirSync(join(empty, 'kes'))).toEqual([])
    rmSync(empty, { recursive: true })

    const before = filesOf(made.volume)
    const later = adopt(made.data, made.unsealKey, { ...programs, kes: await ensureProgram('kes-v0.24.0') })
    expect(await later.ended).toBe(1)
    expect(later.output()).toContain('knows no `kes init`')
    expect(filesOf(made.volume)).toEqual(before)
  }, 600_000)

  it('is not opened by another unseal key, which is said in words of KES and without a byte of a key', async () => {
    const other = newUnsealKey(systemRandom)
    const locked = adopt(made.data, other)
    expect(await locked.ended).toBe(1)
    expect(locked.output()).toContain('kes cannot open the data directory')
    expect(locked.output()).toContain('ciphertext is not authentic')
    for (const key of [other, made.unsealKey]) expect(locked.output()).not.toContain(key)
  })

  it('gets a new home: only .init is another, and its former one is kept beside it', async () => {
    const { '.init': _, '.init.before-kes-injector': __, ...sealed } = filesOf(made.data)
    const taken = adopt(made.data, made.unsealKey)
    expect(await taken.ended, taken.output()).toBe(0)
    const { '.init': ___, '.init.before-kes-injector': ____, ...after } = filesOf(made.data)
    expect(after).toEqual(sealed)
    expect(readFileSync(join(made.data, '.init.before-kes-injector'), 'utf8')).toContain('kes-server.key')
    expect(readFileSync(join(made.data, '.init'), 'utf8')).toContain(join(tls, 'tls.key'))
    const all = filesOf(made.data)
    const again = adopt(made.data, made.unsealKey)
    expect(await again.ended).toBe(0)
    expect(again.output()).toContain('nothing to do')
    expect(filesOf(made.data)).toEqual(all)
  })

  it('serves under the launcher what it served before: administrator, policy, identity, and what was sealed opens', async () => {
    const serving = launch(programs, ['serve', '--data', made.data], { [unsealVariable]: made.unsealKey })
    launched.push(serving)
    const admin = clientOf(made.admin)
    await untilUp(admin, serving)
    expect(await admin.describeSelf()).toMatchObject({ isAdmin: true })
    expect((await admin.listKeys('*')).map(({ name }) => name)).toEqual([handMadeKey])
    const minio = clientOf(made.minio)
    expect(await minio.decrypt(handMadeKey, made.sealed.ciphertext)).toEqual(made.sealed.plaintext)
    expect(await admin.describeIdentity(made.minio.identity)).toEqual({ policy: 'minio', isAdmin: false })
  })

  it('takes our policies beside its own, and its loaded keys are no longer replaced by a creation', async () => {
    const [admin, minio] = [clientOf(made.admin), clientOf(made.minio)]
    await admin.writePolicy('kes-injector', minioPolicy({ keyPrefix: 'team-a_', allowKeyCreation: false }))
    expect(await admin.readPolicy('minio')).toBeDefined()
    await expect(minio.createKey(handMadeKey)).rejects.toMatchObject({ code: 'BadRequest' })
    expect(await minio.decrypt(handMadeKey, made.sealed.ciphertext)).toEqual(made.sealed.plaintext)
  })
})
