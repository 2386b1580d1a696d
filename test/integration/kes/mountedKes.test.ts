import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startAgent, type Agent } from '../../../src/agent/agent.ts'
import { keysAt } from '../../../src/controller/server/replicas.ts'
import { minioPolicy, samePolicy } from '../../../src/kes/policy.ts'
import { certificateFacts } from '../../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../../src/pki/certificateParts.ts'
import { until } from '../../rig/waiting.ts'
import { createSilentLog } from '../../unit/kube/silentLog.ts'
import { newMountedKes, untilAnswering, type MountedKes } from './mountedKes.ts'

const marker = (digit: string) => ({
  name: `kes-injector-config-${digit.repeat(12)}`,
  allow: [],
  deny: [],
  identities: [],
})
const policy = minioPolicy({ keyPrefix: 'team-a_', allowKeyCreation: true })

let server: MountedKes
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await server.close()
})

async function started(cache = {}) {
  server = await newMountedKes(cache)
  const fs = { fs: { path: join(server.folder, 'keys') } }
  server.mount({ policies: [marker('a')], keystore: fs })
  const child = server.start()
  const kes = server.clientOf(server.admin)
  await untilAnswering(kes, server)
  return { kes, child, fs, pid: child.pid }
}

function withAgent(): Agent {
  const ending = new AbortController()
  const agent = startAgent({
    configuration: server.configurationFile,
    tlsDirectory: server.tlsDirectory,
    kesPort: server.port,
    everyMs: 50,
    log: createSilentLog(),
    signal: ending.signal,
  })
  stops.push(async () => {
    ending.abort()
    await agent.ended
  })
  return agent
}

describe('a real KES v0.24.0 with a configuration of ours', () => {
  it('takes it, and says which one it is by the policy that nobody has', async () => {
    const { kes } = await started()
    expect(await kes.readPolicy(marker('a').name)).toEqual({ allow: [], deny: [] })
    expect(await kes.readPolicy(marker('b').name)).toBeUndefined()
    expect(await kes.describeIdentity(server.admin.identity)).toEqual({ policy: undefined, isAdmin: true })
  })

  it('answers its dialect: keys are made once, and no key is not the same as no key store', async () => {
    const { kes, fs } = await started({ unused: '1s', any: '1s' })
    expect(await kes.describeKey('team-a_minio')).toBeUndefined()
    await kes.createKey('team-a_minio')
    await expect(kes.createKey('team-a_minio')).rejects.toMatchObject({ code: 'BadRequest' })
    const { plaintext, ciphertext } = await kes.generate('team-a_minio')
    expect(await kes.decrypt('team-a_minio', ciphertext)).toEqual(plaintext)
    expect(await kes.listKeys('*')).toEqual([{ name: 'team-a_minio' }])
    expect(await kes.status()).toMatchObject({ keystoreReachable: true })

    renameSync(fs.fs.path, `${fs.fs.path}-away`)
    await until(async () => ((await kes.status()).keystoreReachable ? undefined : true), {
      what: 'KES to miss it',
      timeoutMs: 15_000,
    })
    expect(await keysAt(kes, ['team-a_minio', 'team-a_other'])).toMatchObject({ absent: [] })
    renameSync(`${fs.fs.path}-away`, fs.fs.path)
    await until(async () => ((await kes.status()).keystoreReachable ? true : undefined), {
      what: 'KES to see it',
      timeoutMs: 25_000,
    })
    expect(await keysAt(kes, ['team-a_minio', 'team-a_other'])).toEqual({
      present: ['team-a_minio'],
      absent: ['team-a_other'],
    })
  })

  it('reloads what is exchanged when the agent tells it to, and lets in whom the new one names', async () => {
    const { kes, fs } = await started()
    const agent = withAgent()
    const minio = server.newCaller('minio')
    await kes.createKey('team-a_minio')
    await expect(server.clientOf(minio).generate('team-a_minio')).rejects.toMatchObject({ code: 'NotAllowed' })
    server.mount({
      policies: [marker('b'), { name: 'team-a_kes-client', ...policy, identities: [minio.identity] }],
      keystore: fs,
    })
    await until(() => kes.readPolicy(marker('b').name), {
      what: 'the new configuration',
      timeoutMs: 10_000,
      everyMs: 20,
    })
    expect(await kes.readPolicy(marker('a').name)).toBeUndefined()
    expect(agent.state().told).toBe('b'.repeat(12))
    const read = await kes.readPolicy('team-a_kes-client')
    expect(read && samePolicy(read, policy)).toBe(true)
    expect(await kes.describeIdentity(minio.identity)).toMatchObject({ policy: 'team-a_kes-client' })
    await server.clientOf(minio).generate('team-a_minio')
  })

  it('serves a renewed certificate when the agent has told it', async () => {
    const { kes } = await started()
    withAgent()
    await kes.version()
    const before = kes.peerCertificate()?.fingerprint
    const { fingerprint } = certificateFacts(readCertificate(server.renew()))
    expect(fingerprint).not.toBe(before)
    const served = async () => {
      await kes.version()
      return kes.peerCertificate()?.fingerprint === fingerprint ? true : undefined
    }
    await until(served, { what: 'the new certificate', timeoutMs: 10_000, everyMs: 50 })
  })

  it('keeps the last good configuration where the new one is none, and its process', async () => {
    const { kes, child } = await started()
    const agent = withAgent()
    server.mount('version: v1\nkeystore:\n  fs: { path: "${NOT_SET}" }\n# kes-injector-config-cccccccccccc\n')
    await until(() => agent.state().told, { what: 'the agent to have told it', timeoutMs: 10_000, everyMs: 20 })
    await until(() => server.output().includes('Failed to reload') || undefined, {
      what: 'KES to refuse',
      timeoutMs: 10_000,
    })
    expect(await kes.readPolicy(marker('a').name)).toBeDefined()
    expect(child.exitCode).toBeNull()
  })

  it('is not told of what it has read at its start, and is told of what was exchanged before the agent ran', async () => {
    const { kes, fs } = await started()
    const first = withAgent()
    await until(() => first.state().lookedAt, { what: 'a look', timeoutMs: 5_000 })
    expect(first.state().told).toBeUndefined()
    await stops.pop()?.()
    server.mount({ policies: [marker('d')], keystore: fs })
    withAgent()
    await until(() => kes.readPolicy(marker('d').name), {
      what: 'the new configuration',
      timeoutMs: 10_000,
      everyMs: 20,
    })
  })

  it('is not told before it listens: the signal would end it', async () => {
    server = await newMountedKes()
    // A key store that takes its time: it lets in and says nothing.
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const connected = once(silent, 'connection')
    const { port } = silent.address() as AddressInfo
    const approle = { id: 'a', secret: 'b' }
    server.mount({ policies: [], keystore: { vault: { endpoint: `http://127.0.0.1:${port}`, approle } } })
    const child = server.start()
    const [socket] = (await connected) as [Socket]
    const agent = withAgent()
    server.mount({ policies: [], keystore: { fs: { path: join(server.folder, 'keys') } } })
    const exchangedAt = Date.now()
    const lookedAgain = () => (agent.state().lookedAt ?? 0) > exchangedAt + 200 || undefined
    await until(lookedAgain, { what: 'some looks', timeoutMs: 5_000, everyMs: 20 })
    expect(agent.state().told).toBeUndefined()
    expect(child.signalCode).toBeNull()
    socket.destroy()
    silent.close()
  })
})
