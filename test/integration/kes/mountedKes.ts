import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { lutimesSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf } from '../../../src/kes/identity.ts'
import { connectServer, type ServerKes } from '../../../src/kes/serverClient.ts'
import { serverConfig, type ServerConfig } from '../../../src/kes/serverConfig.ts'
import { createAuthority, issue } from '../../../src/pki/authority.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { generatePrivateKey, parsePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { freePorts } from '../../rig/freePort.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { until } from '../../rig/waiting.ts'
import type { Caller } from './keyServer.ts'

const dayMs = 86_400_000

/** A real KES v0.24.0 whose files lie as the kubelet mounts them: in folders behind a link that is exchanged whole. */
export interface MountedKes {
  readonly port: number
  readonly folder: string
  readonly configurationFile: string
  readonly tlsDirectory: string
  readonly admin: Caller
  readonly newCaller: (commonName: string) => Caller
  readonly clientOf: (caller: PairPem) => ServerKes
  /** Exchanges the configuration. Text is written as it is. */
  readonly mount: (wish: Pick<ServerConfig, 'policies' | 'keystore'> | string) => void
  /** Exchanges the certificate that KES serves by one for the same key; answers it. */
  readonly renew: () => string
  readonly start: (environment?: Readonly<Record<string, string>>) => ChildProcess
  readonly output: () => string
  readonly close: () => Promise<void>
}

export async function newMountedKes(cache: Partial<ServerConfig['cache']> = {}): Promise<MountedKes> {
  const program = await ensureProgram('kes-v0.24.0')
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'kes-mounted-'))
  const [configDirectory, tlsDirectory] = [join(folder, 'config'), join(folder, 'tls')]
  const authority = createAuthority({ commonName: 'authority', lifetimeMs: 365 * dayMs, now: new Date() })
  const caller = (commonName: string, usage: 'client' | 'server', key = generatePrivateKey()): Caller => {
    const dnsNames = usage === 'server' ? ['kes.test'] : []
    const request = { commonName, usages: [usage], dnsNames, key, lifetimeMs: 90 * dayMs, now: new Date() }
    const certificatePem = issue(authority, request)
    return { certificatePem, keyPem: privateKeyPem(key), identity: identityOf(certificatePem) }
  }
  const [admin, server] = [caller('admin', 'client'), caller('kes', 'server')]
  let generation = 0
  const exchange = (directory: string, files: Readonly<Record<string, string>>): void => {
    const next = `..${++generation}`
    mkdirSync(join(directory, next), { recursive: true })
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, next, name), text)
    symlinkSync(next, join(directory, '..tmp'))
    renameSync(join(directory, '..tmp'), join(directory, '..data'))
    if (generation <= 2) for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(directory, name))
  }
  const configurationFile = join(configDirectory, 'server-config.yaml')
  const text = (wish: Pick<ServerConfig, 'policies' | 'keystore'>): string =>
    serverConfig({
      ...wish,
      address: `127.0.0.1:${port}`,
      admin: admin.identity,
      tls: { certificatePath: join(tlsDirectory, 'tls.crt'), keyPath: join(tlsDirectory, 'tls.key') },
      cache: { any: '5m', unused: '30s', offline: '1h', ...cache },
    })
  const mount: MountedKes['mount'] = (wish) =>
    exchange(configDirectory, { 'server-config.yaml': typeof wish === 'string' ? wish : text(wish) })
  exchange(tlsDirectory, { 'tls.crt': server.certificatePem, 'tls.key': server.keyPem })
  mount({ policies: [], keystore: { fs: { path: join(folder, 'keys') } } })

  const children: ChildProcess[] = []
  let output = ''
  const append = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  return {
    port,
    folder,
    configurationFile,
    tlsDirectory,
    admin,
    newCaller: (commonName) => caller(commonName, 'client'),
    clientOf: ({ certificatePem, keyPem }) =>
      connectServer({
        endpoint: `https://kes.test:${port}`,
        ca: authority.certificatePem,
        cert: certificatePem,
        key: keyPem,
        timeoutMs: 5_000,
        lookupAddress: '127.0.0.1',
      }),
    mount,
    renew: () => {
      const renewed = caller('kes', 'server', parsePrivateKey(server.keyPem))
      exchange(tlsDirectory, { 'tls.crt': renewed.certificatePem, 'tls.key': renewed.keyPem })
      return renewed.certificatePem
    },
    start: (environment = {}) => {
      // Kubelets mount some seconds before they start a container.
      const ago = new Date(Date.now() - 5_000)
      for (const directory of [configDirectory, tlsDirectory]) lutimesSync(join(directory, '..data'), ago, ago)
      const child = spawn(program, ['server', '--config', configurationFile], {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child.stdout.on('data', append)
      child.stderr.on('data', append)
      children.push(child)
      return child
    },
    output: () => output,
    close: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue
        child.kill('SIGKILL')
        await once(child, 'close')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function untilAnswering(kes: ServerKes, server: Pick<MountedKes, 'output'>): Promise<void> {
  await until(() => kes.status().catch(() => undefined), {
    what: `KES to answer; it said: ${server.output()}`,
    timeoutMs: 20_000,
    everyMs: 20,
  })
}
