import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfigurationFile } from '../../../src/minio/configurationFile.ts'
import { kmsConflict } from '../../../src/minio/kmsConflict.ts'
import { startFailureIn } from '../../../src/minio/startFailures.ts'
import { clientCertificate, newAuthority } from '../../fixtures/certificates.ts'
import { freePorts } from '../../rig/freePort.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'kes-injector-minio-'))
const write = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let minio: string
beforeAll(async () => {
  minio = await ensureProgram('minio')
}, 900_000)

const pair = clientCertificate(newAuthority())
/** What connects MinIO, with nobody at the other end. */
const connected = {
  MINIO_KMS_KES_ENDPOINT: 'https://127.0.0.1:1',
  MINIO_KMS_KES_KEY_NAME: 'team-a_minio',
  MINIO_KMS_KES_CERT_FILE: write('tls.crt', pair.certificatePem),
  MINIO_KMS_KES_KEY_FILE: write('tls.key', pair.keyPem),
}

/** All that the real MinIO prints until it ends, which it does within seconds where it has no KMS that answers. */
async function outputOf(environment: Readonly<Record<string, string>>): Promise<string> {
  const [port = 0] = await freePorts(1)
  const child = spawn(minio, ['server', '--address', `127.0.0.1:${port}`, join(folder, 'data')], {
    env: { HOME: folder, MINIO_ROOT_USER: 'root-user', MINIO_ROOT_PASSWORD: 'root-password', ...environment },
    stdio: 'pipe',
  })
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
  await new Promise((resolve) => child.on('close', resolve))
  return Buffer.concat(output).toString()
}

const failureOf = async (environment: Readonly<Record<string, string>>): Promise<string | undefined> =>
  startFailureIn(await outputOf(environment))?.code

describe('the last words of the real MinIO', () => {
  it.each([
    ['StaticKey', { ...connected, MINIO_KMS_SECRET_KEY: 'a:b' }],
    ['MinKms', { ...connected, MINIO_KMS_SERVER: 'x' }],
    ['ApiKey', { ...connected, MINIO_KMS_KES_API_KEY: 'kes:v1:x' }],
    ['Incomplete', { MINIO_KMS_KES_ENDPOINT: 'https://127.0.0.1:1' }],
    ['ClientCertificate', { ...connected, MINIO_KMS_KES_CERT_FILE: join(folder, 'nowhere') }],
    ['Authority', { ...connected, MINIO_KMS_KES_CAPATH: connected.MINIO_KMS_KES_KEY_FILE }],
    ['NoSuchHost', { ...connected, MINIO_KMS_KES_ENDPOINT: 'https://kes.invalid:7373' }],
    ['Unreachable', connected],
    ['ConfigurationFile', { MINIO_CONFIG_ENV_FILE: write('malformed.env', 'export MINIO_KMS_KES_KEY_NAME\n') }],
  ])('tell %s', async (code, environment) => expect(await failureOf(environment)).toBe(code))

  it('tell nothing where nothing is wrong with the KMS', () => {
    expect(startFailureIn('INFO: Formatting 1st pool, 1 set(s), 1 drives per set.')).toBeUndefined()
  })
})

describe('the real MinIO reads its configuration file as we do', () => {
  it.each(['MINIO_KMS_SECRET_KEY=x', '  export   MINIO_KMS_SECRET_KEY="x"', 'export A="b\nMINIO_KMS_SECRET_KEY=x"'])(
    'and is stopped by the static key of %j',
    async (text) => {
      expect(readConfigurationFile(text, new Map()).map(({ name }) => kmsConflict(name))).toContain('stops')
      expect(await failureOf({ ...connected, MINIO_CONFIG_ENV_FILE: write('static.env', text) })).toBe('StaticKey')
    },
  )

  it.each(['# MINIO_KMS_SECRET_KEY=x', 'MINIO_KMS_SECRET_KEY = x'])('and is not by %j', async (text) => {
    expect(readConfigurationFile(text, new Map())).toEqual([])
    expect(await failureOf({ ...connected, MINIO_CONFIG_ENV_FILE: write('none.env', text) })).toBe('Unreachable')
  })

  it('and lets it win over its environment', async () => {
    const file = write('wins.env', "export MINIO_KMS_KES_ENDPOINT='https://kes.invalid:7373'")
    expect(await failureOf({ ...connected, MINIO_CONFIG_ENV_FILE: file })).toBe('NoSuchHost')
  })
})
