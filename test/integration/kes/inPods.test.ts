import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { policiesOf, sidecarConfiguration } from '../../../src/controller/sidecar/configuration.ts'
import { sidecarNames } from '../../../src/controller/sidecar/plan.ts'
import { sidecarFor } from '../../../src/injection/sidecar.ts'
import { identityOf } from '../../../src/kes/identity.ts'
import { connectServer } from '../../../src/kes/serverClient.ts'
import { issue } from '../../../src/pki/authority.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { newAuthority } from '../../fixtures/certificates.ts'
import { freePorts } from '../../rig/freePort.ts'
import { ensureProgram } from '../../rig/programs/programs.ts'
import { until } from '../../rig/waiting.ts'
import { issued, inPods } from '../../unit/controller/sidecar/world.ts'

const authority = newAuthority()
const pairOf = (usages: readonly ('client' | 'server')[], names: object = {}): PairPem => {
  const key = generatePrivateKey()
  const lifetimeMs = 3_600_000
  const certificatePem = issue(authority, { commonName: 'x', usages, ...names, key, lifetimeMs, now: new Date() })
  return { certificatePem, keyPem: privateKeyPem(key) }
}
const [own, minio, stranger] = [pairOf(['server'], sidecarNames), pairOf(['client']), pairOf(['client'])]

let program: string
let port: number
let folder: string
let stop: () => Promise<void>

/** The very command that the kubelet runs in the container, with the program and the places of this machine. */
function probe() {
  const sidecar = sidecarFor({}, { name: 'x', spec: inPods().spec }, { image: 'kes', pullPolicy: 'Never' }) as {
    readonly startupProbe: { readonly exec: { readonly command: readonly string[] } }
    readonly env: readonly { readonly name: string; readonly value: string }[]
  }
  const [, ...args] = sidecar.startupProbe.exec.command
  const env = Object.fromEntries(sidecar.env.map(({ name, value }) => [name, here(value)]))
  return spawnSync(program, args, { env, encoding: 'utf8' })
}
const here = (text: string): string => text.replaceAll('/run/kes', folder).replaceAll(':7373', `:${port}`)

beforeAll(async () => {
  program = await ensureProgram('kes-v0.24.0')
  port = (await freePorts(1))[0] ?? 0
  folder = mkdtempSync(join(tmpdir(), 'kes-in-pods-'))
  const identity = { ...issued('a'), status: { identity: identityOf(minio.certificatePem) } }
  const store = { fs: { path: join(folder, 'keys') } }
  const policies = policiesOf(inPods(), [identity])
  writeFileSync(
    join(folder, 'server-config.yaml'),
    here(sidecarConfiguration(inPods(), policies, identityOf(own.certificatePem), store)),
  )
  writeFileSync(join(folder, 'tls.crt'), own.certificatePem)
  writeFileSync(join(folder, 'tls.key'), own.keyPem)
  expect(probe().status).toBe(1)
  const child = spawn(program, ['server', '--config', join(folder, 'server-config.yaml')], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  stop = async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true })
  }
  await until(() => Promise.resolve(probe().status === 0 || undefined), { what: 'KES', timeoutMs: 20_000 })
})
afterAll(() => stop())

const as = ({ certificatePem, keyPem }: PairPem) =>
  connectServer({
    endpoint: `https://127.0.0.1:${port}`,
    ca: authority.certificatePem,
    cert: certificatePem,
    key: keyPem,
    timeoutMs: 5_000,
  })

describe('a real KES with the configuration that MinIO pods get', () => {
  it('tells the startup probe that it is up', () => {
    const { status, stderr } = probe()
    expect([status, stderr]).toEqual([0, ''])
  })

  it('makes and opens keys of the namespace for its identity, and no others', async () => {
    const kes = as(minio)
    await kes.createKey('team-a_minio')
    const { plaintext, ciphertext } = await kes.generate('team-a_minio')
    expect((await kes.decrypt('team-a_minio', ciphertext)).equals(plaintext)).toBe(true)
    await expect(kes.createKey('team-b_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
    await expect(kes.generate('team-ab_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
    kes.close()
  })

  it.each([
    ['an identity that it does not carry', stranger],
    ['the pair that it serves', own],
  ])('refuses a key to %s', async (_who, pair) => {
    const kes = as(pair)
    await expect(kes.generate('team-a_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
    await expect(kes.readPolicy('team-a_kes-client')).rejects.toMatchObject({ code: 'NotAllowed' })
    kes.close()
  })
})
