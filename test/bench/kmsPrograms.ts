import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf } from '../../src/kes/identity.ts'
import { minioPolicy } from '../../src/kes/policy.ts'
import { serverConfig } from '../../src/kes/serverConfig.ts'
import { clientCertificate, newAuthority, servingCertificate } from '../fixtures/certificates.ts'
import { freePorts } from '../rig/freePort.ts'
import { ensurePrograms } from '../rig/programs/programs.ts'
import { until } from '../rig/waiting.ts'
import type { S3Address } from './s3.ts'

/** Real KES and MinIO as processes on loopback, all of one authority and one store of keys. */
export interface Workshop extends AsyncDisposable {
  readonly kes: () => Promise<Running>
  /** A MinIO whose bucket `bucket` encrypts what it gets, with a KES at this port. */
  readonly minio: (kesPort: number) => Promise<Running & S3Address>
  /** A port that leads to another one, each way this much later. */
  readonly relay: (to: number, ms: number) => Promise<Running>
}

export interface Running {
  readonly pid: number
  readonly port: number
}

export const rssMiB = ({ pid }: Running): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

const [user, password] = ['root-user', 'root-password']
/** In memory where that is possible: disks are not what is measured. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** As in a pod, KES may not lock its memory: locked, all that it ever reserved would count as used. */
const unlocked = 'ulimit -l 0; exec setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock "$0" server --config "$1"'

export async function openWorkshop(): Promise<Workshop> {
  const programs = await ensurePrograms(['kes-v0.24.0', 'minio', 'mc'])
  const folder = mkdtempSync(join(base, 'kes-injector-placement-'))
  const authority = newAuthority()
  const [server, client] = [servingCertificate(authority), clientCertificate(authority)]
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const files = {
    authority: file('ca.crt', authority.certificatePem),
    serverCertificate: file('server.crt', server.certificatePem),
    serverKey: file('server.key', server.keyPem),
    clientCertificate: file('client.crt', client.certificatePem),
    clientKey: file('client.key', client.keyPem),
  }
  const children: ChildProcess[] = []
  const start = async (port: number, program: string, args: readonly string[], env = {}): Promise<Running> => {
    const child = spawn(program, args, { env: { HOME: folder, PATH: process.env['PATH'], ...env }, stdio: 'ignore' })
    children.push(child)
    const open = (): Promise<true | undefined> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy()
          resolve(true)
        }).on('error', () => resolve(undefined))
      })
    const hopeless = () => (child.exitCode === null ? undefined : `${program} ended`)
    await until(open, { what: program, timeoutMs: 60_000, hopeless })
    return { pid: child.pid ?? 0, port }
  }
  const onePort = async (): Promise<number> => (await freePorts(1))[0] ?? 0

  return {
    kes: async () => {
      const port = await onePort()
      const text = serverConfig({
        address: `127.0.0.1:${port}`,
        tls: { certificatePath: files.serverCertificate, keyPath: files.serverKey },
        cache: { any: '5m', unused: '30s', offline: '1h' },
        policies: [
          {
            name: 'minio',
            ...minioPolicy({ keyPrefix: 'b_', allowKeyCreation: true }),
            identities: [identityOf(client.certificatePem)],
          },
        ],
        keystore: { fs: { path: join(folder, 'keys') } },
      })
      const configuration = file(`kes-${port}.yaml`, text)
      return start(port, 'sh', ['-c', unlocked, programs['kes-v0.24.0'], configuration])
    },
    minio: async (kesPort) => {
      const [port, console_] = [await onePort(), await onePort()]
      const data = join(folder, `minio-${port}`)
      mkdirSync(data)
      const addresses = ['--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${console_}`]
      const running = await start(port, programs.minio, ['server', data, ...addresses], {
        MINIO_ROOT_USER: user,
        MINIO_ROOT_PASSWORD: password,
        MINIO_KMS_KES_ENDPOINT: `https://127.0.0.1:${kesPort}`,
        MINIO_KMS_KES_KEY_NAME: 'b_minio',
        MINIO_KMS_KES_CERT_FILE: files.clientCertificate,
        MINIO_KMS_KES_KEY_FILE: files.clientKey,
        MINIO_KMS_KES_CAPATH: files.authority,
      })
      const ready = async () => (await fetch(`http://127.0.0.1:${port}/minio/health/ready`)).ok || undefined
      await until(ready, { what: 'MinIO to be ready', timeoutMs: 60_000, everyMs: 100 })
      const env = { HOME: folder, MC_HOST_it: `http://${user}:${password}@127.0.0.1:${port}` }
      for (const args of [
        ['mb', 'it/bucket'],
        ['encrypt', 'set', 'sse-kms', 'b_minio', 'it/bucket'],
      ])
        execFileSync(programs.mc, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
      return { ...running, user, password }
    },
    relay: async (to, ms) => {
      const port = await onePort()
      return start(port, process.execPath, [
        join(import.meta.dirname, 'relay.ts'),
        String(port),
        String(to),
        String(ms),
      ])
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of children) {
        const ended = child.exitCode === null ? once(child, 'exit') : undefined
        child.kill('SIGKILL')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
