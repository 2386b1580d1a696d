import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { freePorts } from '../../rig/freePort.ts'
import { until } from '../../rig/waiting.ts'
import type { Caller, KeyServer } from './keyServer.ts'

export interface Minio {
  /** Runs `mc`; the alias of this MinIO is `it`. */
  readonly mc: (...args: readonly string[]) => Promise<{ readonly code: number; readonly said: string }>
  readonly stop: () => Promise<void>
}

/** A real MinIO on loopback that is connected to this key server, with one of its identities and this default key. */
export async function startMinio(
  server: Pick<KeyServer, 'endpoint' | 'authority'>,
  identity: Caller,
  keyName: string,
): Promise<Minio> {
  const [minio, mcProgram] = [await ensureProgram('minio'), await ensureProgram('mc')]
  const [port = 0, console = 0] = await freePorts(2)
  const folder = mkdtempSync(join(tmpdir(), 'minio-'))
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const [data, home] = [join(folder, 'data'), join(folder, 'home')]
  for (const path of [data, home]) mkdirSync(path)
  const child = spawn(
    minio,
    ['server', data, '--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${console}`],
    {
      env: {
        HOME: home,
        MINIO_ROOT_USER: 'root-user',
        MINIO_ROOT_PASSWORD: 'root-password',
        MINIO_KMS_KES_ENDPOINT: server.endpoint.replace('kes.test', '127.0.0.1'),
        MINIO_KMS_KES_KEY_NAME: keyName,
        MINIO_KMS_KES_CERT_FILE: file('client.crt', identity.certificatePem),
        MINIO_KMS_KES_KEY_FILE: file('client.key', identity.keyPem),
        MINIO_KMS_KES_CAPATH: file('ca.crt', server.authority.certificatePem),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (output += piece.toString()))
  const ended = once(child, 'close')
  const environment = { HOME: home, MC_HOST_it: `http://root-user:root-password@127.0.0.1:${port}` }
  const ready = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/minio/health/ready`).catch(() => undefined)
    return answer?.ok === true || undefined
  }
  await until(ready, {
    what: 'MinIO',
    timeoutMs: 60_000,
    everyMs: 100,
    hopeless: () => (child.exitCode === null ? undefined : output),
  })
  return {
    mc: (...args) =>
      new Promise((resolve) => {
        execFile(mcProgram, ['--no-color', ...args], { env: environment, timeout: 60_000 }, (error, stdout, stderr) =>
          resolve({ code: error ? 1 : 0, said: `${stdout}${stderr}` }),
        )
      }),
    stop: async () => {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
