import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityOf } from '../../../src/kes/identity.ts'
import { initConfig, unsealVariable } from '../../../src/kes/initConfig.ts'
import { connect, type StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { createAuthority, issue, type Authority } from '../../../src/pki/authority.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { generatePrivateKey, parsePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { freePorts } from '../../rig/freePort.ts'
import { until } from '../../rig/waiting.ts'
import { imagePrograms, launch, type Launched } from './launcher.ts'

export interface Caller extends PairPem {
  readonly identity: string
}

const dayMs = 86_400_000

/** Everything a stateful KES starts from, in a folder of its own, made by the product's own rooms. */
export interface KeyServer {
  readonly volume: string
  readonly data: string
  readonly initFile: string
  readonly restartFile: string
  readonly endpoint: string
  readonly unsealKey: string
  readonly authority: Authority
  readonly admin: Caller
  readonly systemAdmin: Caller
  readonly newCaller: (commonName: string) => Caller
  readonly clientOf: (caller: PairPem, authority?: Authority) => StatefulKes
  readonly init: (environment?: Readonly<Record<string, string>>) => Launched
  readonly serve: (environment?: Readonly<Record<string, string>>) => Launched
  /** Puts a new certificate for the same key where KES reads it; answers it. */
  readonly renewServerCertificate: () => string
  /** Names on the volume. */
  readonly onVolume: () => readonly string[]
  /** Ends what still runs and removes the folder. */
  readonly close: () => Promise<void>
}

export async function newKeyServer(): Promise<KeyServer> {
  const programs = await imagePrograms()
  const [port = 0] = await freePorts(1)
  const folder = mkdtempSync(join(tmpdir(), 'kes-'))
  const [volume, secrets] = [join(folder, 'volume'), join(folder, 'secrets')]
  for (const path of [volume, secrets]) mkdirSync(path)
  const [data, initFile, restartFile] = [join(volume, 'kes'), join(secrets, 'init.yml'), join(secrets, 'restart')]

  const authority = createAuthority({ commonName: 'key server authority', lifetimeMs: 365 * dayMs, now: new Date() })
  const newCaller = (commonName: string): Caller => callerOf(authority, commonName, ['client'])
  const server = callerOf(authority, 'kes', ['server'], ['kes.test'], ['127.0.0.1'])
  const [systemAdmin, admin] = [newCaller('system admin'), newCaller('enclave admin')]
  const tls = { keyPath: join(secrets, 'tls.key'), certificatePath: join(secrets, 'tls.crt') }
  writeFileSync(tls.keyPath, server.keyPem)
  writeFileSync(tls.certificatePath, server.certificatePem)
  writeFileSync(restartFile, '')
  writeFileSync(
    initFile,
    initConfig({ tls, systemAdmin: systemAdmin.identity, enclaveAdmin: admin.identity, address: `127.0.0.1:${port}` }),
  )
  const unsealKey = newUnsealKey(systemRandom)
  const unsealed = { [unsealVariable]: unsealKey }
  const endpoint = `https://kes.test:${port}`
  const launched: Launched[] = []
  const keep = (one: Launched): Launched => {
    launched.push(one)
    return one
  }

  return {
    volume,
    data,
    initFile,
    restartFile,
    endpoint,
    unsealKey,
    authority,
    admin,
    systemAdmin,
    newCaller,
    clientOf: ({ certificatePem, keyPem }, trusted = authority) =>
      connect({
        endpoint,
        ca: trusted.certificatePem,
        cert: certificatePem,
        key: keyPem,
        timeoutMs: 5_000,
        lookupAddress: '127.0.0.1',
      }),
    init: (environment = unsealed) =>
      keep(launch(programs, ['init', '--config', initFile, '--data', data], environment)),
    serve: (environment = unsealed) =>
      keep(launch(programs, ['serve', '--data', data, '--restart-file', restartFile], environment)),
    renewServerCertificate: () => {
      const renewed = callerOf(
        authority,
        'kes',
        ['server'],
        ['kes.test'],
        ['127.0.0.1'],
        parsePrivateKey(server.keyPem),
      )
      writeFileSync(tls.certificatePath, renewed.certificatePem)
      return renewed.certificatePem
    },
    onVolume: () => readdirSync(volume).sort(),
    close: async () => {
      for (const { process, ended } of launched) {
        process.kill('SIGKILL')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until the server answers, and answers how long it was up by then. */
export async function untilUp(kes: StatefulKes, launched: Launched): Promise<number> {
  const { upMs } = await until(() => kes.status().catch(() => undefined), {
    what: 'KES to answer',
    timeoutMs: 20_000,
    everyMs: 20,
    hopeless: () => (launched.process.exitCode === null ? undefined : launched.output()),
  })
  return upMs
}

/** A key server that was initialised and answers. */
export async function servingKeyServer(): Promise<{ server: KeyServer; launched: Launched; admin: StatefulKes }> {
  const server = await newKeyServer()
  const initialised = server.init()
  if ((await initialised.ended) !== 0) throw new Error(initialised.output())
  const launched = server.serve()
  const admin = server.clientOf(server.admin)
  await untilUp(admin, launched)
  return { server, launched, admin }
}

function callerOf(
  authority: Authority,
  commonName: string,
  usages: readonly ('server' | 'client')[],
  dnsNames: readonly string[] = [],
  ipAddresses: readonly string[] = [],
  key = generatePrivateKey(),
): Caller {
  const request = { commonName, usages, dnsNames, ipAddresses, key, lifetimeMs: 90 * dayMs, now: new Date() }
  const certificatePem = issue(authority, request)
  return { certificatePem, keyPem: privateKeyPem(key), identity: identityOf(certificatePem) }
}
