import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { identityOf } from '../../../src/kes/identity.ts'
import { connect, type StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { freePorts } from '../../rig/freePort.ts'
import { until } from '../../rig/waiting.ts'
import type { ImagePrograms } from './launcher.ts'

export interface HandMade {
  readonly folder: string
  readonly volume: string
  readonly data: string
  readonly unsealKey: string
  readonly admin: PairPem
  readonly minio: PairPem & { readonly identity: string }
  /** An object's data key from before, sealed by this server. */
  readonly sealed: { readonly plaintext: Buffer; readonly ciphertext: Buffer }
  readonly remove: () => void
}

/** The name that its maker chose for the variable: KES asks for the unseal key under it for ever. */
const theirVariable = 'MY_KES_UNSEAL_KEY'
export const handMadeKey = 'minio-default-key'

/**
 * A stateful KES as a person makes one with KES's own commands and no help of ours: identities by `kes identity new`, init.yml, `kes
 * init`, `kes server`, a policy assigned, a key used. It has been stopped.
 */
export async function makeByHand({ kes }: ImagePrograms): Promise<HandMade> {
  const folder = mkdtempSync(join(tmpdir(), 'kes-by-hand-'))
  const [home, volume] = [join(folder, 'home'), join(folder, 'volume')]
  for (const path of [home, volume]) mkdirSync(path)
  const [port = 0] = await freePorts(1)
  const unsealKey = newUnsealKey(systemRandom)
  const environment = { HOME: home, [theirVariable]: unsealKey }
  const run = (...args: string[]) =>
    execFileSync(kes, args, { env: environment, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] })

  const newIdentity = (name: string): PairPem & { readonly identity: string } => {
    const [key, certificate] = [join(home, `${name}.key`), join(home, `${name}.crt`)]
    run('identity', 'new', '--key', key, '--cert', certificate, '--ip', '127.0.0.1', name)
    const certificatePem = readFileSync(certificate, 'utf8')
    return { certificatePem, keyPem: readFileSync(key, 'utf8'), identity: identityOf(certificatePem) }
  }
  const [system, admin, minio, server] = ['sys-admin', 'minio-admin', 'minio', 'kes-server'].map(newIdentity)
  if (!system || !admin || !minio || !server) throw new Error('an identity is missing')
  const initFile = join(home, 'init.yml')
  writeFileSync(
    initFile,
    stringify({
      version: 'v1',
      address: `127.0.0.1:${port}`,
      tls: { key: join(home, 'kes-server.key'), cert: join(home, 'kes-server.crt'), client: { verify_cert: false } },
      system: { admin: { identity: system.identity } },
      unseal: { environment: { name: theirVariable } },
      enclave: {
        default: {
          admin: { identity: admin.identity },
          policy: {
            minio: {
              allow: [
                '/v1/api',
                '/v1/log/audit',
                '/v1/log/error',
                '/v1/key/create/*',
                '/v1/key/generate/*',
                '/v1/key/decrypt/*',
                '/v1/key/bulk/decrypt/*',
              ],
            },
          },
        },
      },
    }),
  )
  const data = join(volume, 'kes-data')
  run('init', '--config', initFile, data)
  const child = spawn(kes, ['server', data], { env: environment, cwd: home, stdio: 'ignore' })
  const ended = once(child, 'close')
  const client = (pair: PairPem): StatefulKes =>
    connect({
      endpoint: `https://127.0.0.1:${port}`,
      ca: server.certificatePem,
      cert: pair.certificatePem,
      key: pair.keyPem,
      timeoutMs: 5_000,
    })
  try {
    const asAdmin = client(admin)
    await until(() => asAdmin.version().catch(() => undefined), { what: 'KES by hand', timeoutMs: 20_000, everyMs: 20 })
    await asAdmin.assignPolicy('minio', minio.identity)
    const asMinio = client(minio)
    await asMinio.createKey(handMadeKey)
    const sealed = await asMinio.generate(handMadeKey)
    return {
      folder,
      volume,
      data,
      unsealKey,
      admin,
      minio,
      sealed,
      remove: () => rmSync(folder, { recursive: true, force: true }),
    }
  } finally {
    child.kill('SIGTERM')
    await ended
    // Its former home is another machine's: nothing of it is there any more.
    chmodSync(home, 0o700)
    rmSync(home, { recursive: true })
  }
}
