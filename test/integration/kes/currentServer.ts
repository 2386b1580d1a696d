import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { identityOf } from '../../../src/kes/identity.ts'
import type { KesPolicy } from '../../../src/kes/policy.ts'
import { connectServer, type ServerKes } from '../../../src/kes/serverClient.ts'
import { createAuthority, issue, type Authority } from '../../../src/pki/authority.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { freePorts } from '../../rig/freePort.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { until } from '../../rig/waiting.ts'
import type { Caller } from './keyServer.ts'

const dayMs = 86_400_000

/** A policy with whom it belongs to. */
export interface Entry extends KesPolicy {
  readonly identities: readonly string[]
}
type Policies = Readonly<Record<string, Entry>>

/** A real KES v0.24.0 that somebody else runs: its keys in files, its policies in its configuration. */
export interface CurrentServer {
  readonly endpoint: string
  readonly port: number
  readonly authority: Authority
  readonly admin: Caller
  readonly newCaller: (commonName: string) => Caller
  readonly clientOf: (caller: PairPem) => ServerKes
  /** Writes the `policy` section (an object, or the text of one) and has KES read it, as a person would by SIGHUP. */
  readonly configure: (policies: Policies | string) => Promise<void>
  readonly close: () => Promise<void>
}

export interface Wishes {
  readonly authority?: Authority
  readonly dnsNames?: readonly string[]
  /** The folder of the keys: two servers on one folder are two replicas. */
  readonly keys?: string
}

export async function newCurrentServer({
  authority,
  dnsNames = ['kes.test'],
  keys,
}: Wishes = {}): Promise<CurrentServer> {
  const program = await ensureProgram('kes-v0.24.0')
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'kes-current-'))
  const stored = keys ?? join(folder, 'keys')
  mkdirSync(stored, { recursive: true })
  const ours =
    authority ?? createAuthority({ commonName: 'an authority elsewhere', lifetimeMs: 365 * dayMs, now: new Date() })
  const newCaller = (commonName: string, usages: readonly ('client' | 'server')[] = ['client']): Caller => {
    const key = generatePrivateKey()
    const names = usages.includes('server') ? dnsNames : []
    const certificatePem = issue(ours, {
      commonName,
      usages,
      dnsNames: names,
      ipAddresses: usages.includes('server') ? ['127.0.0.1'] : [],
      key,
      lifetimeMs: 90 * dayMs,
      now: new Date(),
    })
    return { certificatePem, keyPem: privateKeyPem(key), identity: identityOf(certificatePem) }
  }
  const [admin, server] = [newCaller('admin'), newCaller('kes', ['server'])]
  writeFileSync(join(folder, 'tls.crt'), server.certificatePem)
  writeFileSync(join(folder, 'tls.key'), server.keyPem)
  const configuration = join(folder, 'server-config.yaml')
  const base = stringify({
    version: 'v1',
    address: `127.0.0.1:${port}`,
    admin: { identity: admin.identity },
    tls: { key: join(folder, 'tls.key'), cert: join(folder, 'tls.crt'), auth: 'off' },
    cache: { expiry: { any: '5m', unused: '30s', offline: '0s' } },
    keystore: { fs: { path: stored } },
  })
  writeFileSync(configuration, base)
  const child = spawn(program, ['server', '--config', configuration], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const append = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  const ended = once(child, 'close')
  const endpoint = `https://${dnsNames[0] ?? '127.0.0.1'}:${port}`
  const clientOf = ({ certificatePem, keyPem }: PairPem): ServerKes =>
    connectServer({
      endpoint,
      ca: ours.certificatePem,
      cert: certificatePem,
      key: keyPem,
      timeoutMs: 5_000,
      lookupAddress: '127.0.0.1',
    })
  const asAdmin = clientOf(admin)
  await until(() => asAdmin.status().catch(() => undefined), {
    what: 'KES to answer',
    timeoutMs: 20_000,
    everyMs: 20,
    hopeless: () => (child.exitCode === null ? undefined : output),
  })
  return {
    endpoint,
    port,
    authority: ours,
    admin,
    newCaller,
    clientOf,
    configure: async (policies) => {
      // A marker that is another one each time shows which configuration KES has read.
      const marker = newCaller('marker').identity
      const section = typeof policies === 'string' ? policies : stringify({ policy: policies })
      const markers = ['  zz-marker:', '    allow:', '    - /version', '    identities:', `    - ${marker}`]
      writeFileSync(configuration, `${base}${section.trimEnd()}\n${markers.join('\n')}\n`)
      child.kill('SIGHUP')
      await until(() => asAdmin.describeIdentity(marker).catch(() => undefined), {
        what: 'KES to have read it',
        timeoutMs: 10_000,
        everyMs: 20,
      })
    },
    close: async () => {
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
