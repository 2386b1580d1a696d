import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../../src/kes/statefulClient.ts'
import { freePorts } from '../../rig/freePort.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { until } from '../../rig/waiting.ts'
import { newFolder, runProgram, type Ran } from './scripts.ts'

const folder = newFolder()
const at = (name: string): string => join(folder.cwd, 'pki', name)
const read = (name: string): string => readFileSync(at(name), 'utf8')

let kes: string
let endpoint: string
let server: ChildProcess | undefined
let serverSaid = ''

/** The real command line of KES, as one of the identities that were made. */
const as = (who: 'enclave-admin' | 'minio', ...args: readonly string[]): Promise<Ran> =>
  runProgram(kes, args, {
    cwd: folder.cwd,
    environment: {
      KES_SERVER: endpoint,
      KES_CLIENT_CERT: at(`${who}.crt`),
      KES_CLIENT_KEY: at(`${who}.key`),
      SSL_CERT_FILE: at('ca.crt'),
    },
  })
const clientOf = (certificatePem: string, keyPem: string) =>
  connect({ endpoint, ca: read('ca.crt'), cert: certificatePem, key: keyPem, timeoutMs: 5_000 })
const minio = () => clientOf(read('minio.crt'), read('minio.key'))
const identityOf = async (file: string): Promise<string> =>
  (await folder.script('identity-of', [at(file)])).stdout.trim()

beforeAll(async () => {
  kes = await ensureProgram('kes-v0.22.3')
  const [port = 0] = await freePorts(1)
  endpoint = `https://127.0.0.1:${port}`
  const made = await folder.script('identities', [
    ...['--folder', 'pki', '--dns', 'kes.example', '--ip', '127.0.0.1', '--address', `127.0.0.1:${port}`],
  ])
  expect(made.code, made.stderr).toBe(0)
}, 600_000)
afterAll(async () => {
  if (server && server.exitCode === null) {
    server.kill('SIGKILL')
    await once(server, 'close')
  }
  folder.close()
})

describe('the set-up that `identities` makes, with the real KES v0.22.3', () => {
  it('has keys for their owner alone', () => {
    for (const name of ['ca', 'system-admin', 'enclave-admin', 'minio', 'server', 'unseal'])
      expect(statSync(at(`${name}.key`)).mode & 0o777, name).toBe(0o600)
  })

  it('is not made a second time over the first one', async () => {
    const unsealKey = read('unseal.key')
    const again = await folder.script('identities', ['--folder', 'pki', '--dns', 'kes.example'])
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('choose a new folder')
    expect(read('unseal.key')).toBe(unsealKey)
  })

  it('initialises KES, and the server starts', async () => {
    const environment = { KES_UNSEAL_KEY: read('unseal.key').trim() }
    const init = await runProgram(kes, ['init', '--config', at('init.yml'), 'data'], { cwd: folder.cwd, environment })
    expect(init.code, init.stderr).toBe(0)
    expect(existsSync(join(folder.cwd, 'data/.unseal'))).toBe(true)
    const started = spawn(kes, ['server', 'data'], { cwd: folder.cwd, env: environment })
    server = started
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => (serverSaid += String(chunk)))
    await until(
      () =>
        minio()
          .version()
          .catch(() => undefined),
      {
        what: 'KES to answer',
        timeoutMs: 20_000,
        hopeless: () => (started.exitCode === null ? undefined : serverSaid),
      },
    )
  })

  it('refuses MinIO until the administrator has assigned the policy', async () => {
    await expect(minio().generate('minio-default-key')).rejects.toMatchObject({ code: 'NotAllowed' })
    const steps = [
      ['policy', 'create', 'minio', at('minio-policy.json')],
      ['policy', 'assign', 'minio', await identityOf('minio.crt')],
      ['key', 'create', 'minio-default-key'],
    ]
    for (const step of steps) {
      const ran = await as('enclave-admin', ...step)
      expect(ran.code, ran.stderr + ran.stdout).toBe(0)
    }
  })

  it('lets MinIO make and open a data key, and no key of another name or any new key', async () => {
    const { plaintext, ciphertext } = await minio().generate('minio-default-key')
    expect(await minio().decrypt('minio-default-key', ciphertext)).toEqual(plaintext)
    await expect(minio().generate('other-key')).rejects.toMatchObject({ code: 'NotAllowed' })
    await expect(minio().createKey('minio-more')).rejects.toMatchObject({ code: 'NotAllowed' })
    const listed = await as('minio', 'key', 'ls', 'minio-*')
    expect(listed.stdout, listed.stderr).toContain('minio-default-key')
  })

  it('goes on without a word to KES after the certificates of MinIO were renewed', async () => {
    const before = read('minio.crt')
    const files = ['--cert', at('minio.crt'), '--key', at('minio.key')]
    const renewed = await folder.script('client', ['--renew', '--ca', at('ca.crt'), '--ca-key', at('ca.key'), ...files])
    expect(renewed.code, renewed.stderr).toBe(0)
    expect(read('minio.crt')).not.toBe(before)
    await expect(minio().generate('minio-default-key')).resolves.toBeDefined()
  })

  it('refuses a re-keyed MinIO, until its new identity is assigned', async () => {
    const args = [
      '--ca',
      at('ca.crt'),
      '--ca-key',
      at('ca.key'),
      '--cert',
      at('rekeyed.crt'),
      '--key',
      at('rekeyed.key'),
    ]
    expect((await folder.script('client', args)).code).toBe(0)
    const rekeyed = clientOf(read('rekeyed.crt'), read('rekeyed.key'))
    await expect(rekeyed.generate('minio-default-key')).rejects.toMatchObject({ code: 'NotAllowed' })
    const assigned = await as('enclave-admin', 'policy', 'assign', 'minio', await identityOf('rekeyed.crt'))
    expect(assigned.code, assigned.stderr).toBe(0)
    await expect(rekeyed.generate('minio-default-key')).resolves.toBeDefined()
  })

  it('is whole in the eyes of `inspect`', async () => {
    const names = ['system-admin', 'enclave-admin', 'minio', 'server'].flatMap((name) => [
      at(`${name}.crt`),
      at(`${name}.key`),
    ])
    const { code, stdout } = await folder.script('inspect', ['--ca', at('ca.crt'), ...names, at('unseal.key')])
    expect(code).toBe(0)
    expect(stdout).toContain('no errors, no warnings')
    expect(stdout).not.toContain(read('unseal.key').trim())
  })
})

describe('a pair that `kes identity new` makes', () => {
  it('has the identity that KES itself prints, and is told to be self-signed and nameless', async () => {
    const made = await runProgram(kes, ['identity', 'new', '--key', 'hand.key', '--cert', 'hand.crt', 'hand'], folder)
    expect(made.code, made.stderr).toBe(0)
    const said = await runProgram(kes, ['identity', 'of', 'hand.crt'], folder)
    const { stdout } = await folder.script('identity-of', ['hand.crt'])
    expect(said.stdout).toContain(stdout.trim())
    const inspected = await folder.script('inspect', ['hand.crt', 'hand.key'])
    expect(inspected.stdout).toContain('SelfSigned')
    expect(inspected.stdout).toContain('NamesOfNoServer')
    expect(inspected.stdout).toContain('no errors, 2 warnings')
    const pinned = await folder.script('inspect', ['--ca', 'hand.crt', 'hand.crt'])
    expect(pinned.stdout).toContain('issued by CN=hand')
  })
})
