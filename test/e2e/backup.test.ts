import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kesIdentities, keyServers, pods, secretMetadata, secrets, statefulSets } from '../../src/kube/resources.ts'
import { destroy, optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, scaleController } from './cluster.ts'
import { kubectlKes } from './kubectlKes.ts'
import { get, identityRef, minioPodOf, put, startMinio } from './minio.ts'
import { personOf } from './person.ts'
import { claims, makeKeyServer, untilKeyServerReady, type OwnKeyServer } from './ownKeyServer.ts'

describeInCluster('a key server that was saved with kubectl kes backup', (cluster) => {
  const { client, kubectl, tier } = cluster
  const folder = mkdtempSync(join(tmpdir(), 'backup-'))
  const [file, passphraseFile] = [join(folder, 'kes.age'), join(folder, 'passphrase')]
  let keyServer: OwnKeyServer
  let [backupPerson, restorePerson] = ['', '']
  let namespace: Awaited<ReturnType<typeof cluster.makeNamespace>>

  const withPassphrase = ['--passphrase-file', passphraseFile]

  /** Everything of the key server, as if the cluster were another one; MinIO and its data stay. */
  async function destroyAll(): Promise<void> {
    const { name, workload } = keyServer
    await destroy(cluster, kesIdentities, identityRef(namespace.name))
    await destroy(cluster, keyServers, { name })
    await until(async () => ((await client.get(keyServers, { name })) ? undefined : true), {
      what: 'the KeyServer to go',
      timeoutMs: 60_000,
    })
    const labelSelector = `kes-injector.io/key-server=${name}`
    const there = { namespace: releaseNamespace, labelSelector }
    await kubectl(['delete', 'statefulsets,services,networkpolicies', '-n', releaseNamespace, '-l', labelSelector])
    for (const resource of [secretMetadata, claims])
      for (const { metadata } of (await client.list(resource, there)).items) await destroy(cluster, resource, metadata)
    const left = async () => {
      const pod = await client.get(pods, { namespace: releaseNamespace, name: `${workload}-0` })
      const claim = await client.get(claims, { namespace: releaseNamespace, name: `data-${workload}-0` })
      return pod || claim ? undefined : true
    }
    await until(left, { what: 'pod and claim to go', timeoutMs: 60_000, everyMs: 200 })
    expect((await client.list(secrets, there)).items).toEqual([])
  }

  beforeAll(async () => {
    writeFileSync(passphraseFile, 'correct horse battery staple\n')
    backupPerson = await personOf(cluster, tier.kubeconfig, 'kes-injector-backup', folder)
    restorePerson = await personOf(cluster, tier.kubeconfig, 'kes-injector-restore', folder)
    keyServer = await makeKeyServer(cluster, { keys: ['extra_key'] })
    namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': keyServer.name },
    })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'written before')
  })

  afterAll(async () => {
    await scaleController(cluster, 2)
    await namespace[Symbol.asyncDispose]()
    await keyServer[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is one file that only its owner may read, and the KeyServer is noted to have a backup', async () => {
    const { code, stdout, stderr } = await kubectlKes(backupPerson, [
      'backup',
      keyServer.name,
      '--file',
      file,
      ...withPassphrase,
      '-o',
      'json',
    ])
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('reading its volume') as string })
    const told = JSON.parse(stdout) as { readonly confirmed: boolean; readonly keys: readonly string[] }
    expect(told.confirmed).toBe(true)
    expect(told.keys).toEqual(['extra_key', 'kes-injector-check', `${namespace.name}_minio`].sort())
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'latin1')).toMatch(/^age-encryption\.org\/v1\n-> scrypt /)
    const { metadata, status } = (await client.get(keyServers, { name: keyServer.name })) ?? {}
    expect(metadata?.annotations?.['kes-injector.io/backup-confirmed']).toBe(
      status?.unsealKey?.fingerprint.slice(0, 16),
    )
    const lacking = await kubectlKes(restorePerson, ['backup', keyServer.name, '--file', `${file}2`, ...withPassphrase])
    expect(lacking).toMatchObject({ code: 1, stderr: expect.stringContaining('403 Forbidden') as string })
    const again = await kubectlKes(backupPerson, ['backup', keyServer.name, '--file', file, ...withPassphrase])
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists and is not written over') as string,
    })
  })

  it('verifies without a cluster, and not with another passphrase', async () => {
    const { code, stdout } = await kubectlKes('/nowhere', ['verify', file, ...withPassphrase])
    expect(stdout).toContain('what the running server had encrypted was decrypted')
    expect(code).toBe(0)
    writeFileSync(join(folder, 'other'), 'another horse battery staple')
    expect(await kubectlKes('/nowhere', ['verify', file, '--passphrase-file', join(folder, 'other')])).toMatchObject({
      code: 1,
    })
  })

  it('is not restored over what exists: all that is in the way is named, and nothing changes', async () => {
    const { code, stderr } = await kubectlKes(restorePerson, ['restore', file, ...withPassphrase])
    expect(code).toBe(1)
    for (const what of [`KeyServer ${keyServer.name}`, `data-${keyServer.workload}-0`, `${keyServer.workload}-unseal`])
      expect(stderr).toContain(what)
    expect((await client.get(keyServers, { name: keyServer.name }))?.status?.initializedAt).toBeDefined()
  })

  it('comes back where nothing of it is left, interrupted once: same fingerprints, and the old object is readable', async () => {
    const { name, workload } = keyServer
    const before = (await client.get(keyServers, { name }))?.status
    const minio = (await minioPodOf(cluster, namespace.name))?.metadata.uid
    await scaleController(cluster, 0)
    await destroyAll()
    await scaleController(cluster, 2)

    const stopped = await kubectlKes(restorePerson, ['restore', file, ...withPassphrase], 'filling its volume')
    expect(stopped).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Call it again with the same file') as string,
    })
    expect(await client.get(pods, { namespace: releaseNamespace, name: `${workload}-restore` })).toBeUndefined()
    expect(await client.get(keyServers, { name })).toBeUndefined()
    const restored = await kubectlKes(restorePerson, ['restore', file, ...withPassphrase])
    expect(restored).toMatchObject({ code: 0 })
    await untilKeyServerReady(cluster, name)
    const after = (await client.get(keyServers, { name }))?.status
    const remembered = ({ unsealKey, authority, admin, initializedAt, keys }: NonNullable<typeof after>) => ({
      unsealKey,
      authority,
      admin,
      initializedAt,
      keys,
    })
    expect(remembered(after ?? {})).toEqual(remembered(before ?? {}))
    const there = { namespace: releaseNamespace, name: workload }
    expect(await client.get(statefulSets, there)).toBeDefined()
    const read = () => get(cluster, namespace.name, 'object').catch(() => undefined)
    const text = await until(read, { what: 'MinIO to reach KES again', timeoutMs: 90_000, everyMs: 1_000 })
    expect(text).toBe('written before')
    // The very MinIO that ran all the time: it knows neither a new authority nor a new identity.
    expect((await minioPodOf(cluster, namespace.name))?.metadata.uid).toBe(minio)
    await put(cluster, namespace.name, 'new', 'written after')
    expect(await get(cluster, namespace.name, 'new')).toBe('written after')
    expect(await client.get(pods, { namespace: releaseNamespace, name: `${workload}-restore` })).toBeUndefined()

    const again = await kubectlKes(restorePerson, ['restore', file, ...withPassphrase])
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Everything was there already') as string })
  })
})
