import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { kesIdentities, keyServers, pods, secrets, statefulSets } from '../../src/kube/resources.ts'
import { destroy, optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { network } from '../rig/cluster/network.ts'
import { freePorts } from '../rig/freePort.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition, type E2eCluster, type E2eTier } from './cluster.ts'
import { whileReading } from './getLoad.ts'
import { askKes } from './kes.ts'
import { encryptionOf, get, handedOut, put, startMinio } from './minio.ts'
import { makeKeyServer, untilKeyServerReady, type OwnKeyServer } from './ownKeyServer.ts'
import { startSecretsManager } from './secretsManager.ts'

/** The line between KES and its key store: it can be cut, and mended, and the key store forgets nothing. */
interface Line extends AsyncDisposable {
  readonly port: number
  readonly cut: () => Promise<void>
  readonly mend: () => void
}

async function lineTo({ inNetwork }: E2eTier, target: string): Promise<Line> {
  const [port = 0] = await freePorts(1)
  const [program = '', ...args] = inNetwork
  const start = () => {
    const listen = `TCP-LISTEN:${port},bind=${network.nodeAddress},fork,reuseaddr`
    return spawn(program, [...args, 'socat', listen, `TCP:${target}`], { stdio: 'ignore', detached: true })
  }
  let child = start()
  const cut = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  return { port, cut, mend: () => void (child = start()), [Symbol.asyncDispose]: cut }
}

/** The user's part: the Secret with the key store section. */
async function keystoreSecret({ client }: E2eCluster, name: string, section: string) {
  const data = { 'server-config.yaml': Buffer.from(section).toString('base64') }
  await client.create(secrets, { metadata: { namespace: releaseNamespace, name }, data })
  const ref = { namespace: releaseNamespace, name }
  return {
    name,
    write: (text: string) =>
      client.mergePatch(secrets, ref, { data: { 'server-config.yaml': Buffer.from(text).toString('base64') } }),
    [Symbol.asyncDispose]: async () => {
      await client.delete(secrets, ref)
    },
  }
}

describeInCluster('a current KES before a key store', (cluster) => {
  const { client } = cluster
  const statusOf = async ({ name }: OwnKeyServer) => (await client.get(keyServers, { name }))?.status
  const annotationsFor = ({ name }: OwnKeyServer) => ({ 'kes-injector.io/key-server': name })

  it('of files: works, says that the keys lie in clear, and keeps the last good configuration', async () => {
    const name = `files-${Date.now()}`
    await using source = await keystoreSecret(cluster, name, 'fs:\n  path: /data/keys\n')
    const server = { replicas: 1, storage: { size: '1Gi' }, keystoreSecretRef: { name } }
    await using keyServer = await makeKeyServer(cluster, { stateful: undefined, server })
    await using namespace = await cluster.makeNamespace({ labels: optIn, annotations: annotationsFor(keyServer) })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'what was written')
    expect(await encryptionOf(cluster, namespace.name, 'object')).toContain(`${namespace.name}_minio`)
    const ref = { name: keyServer.name }
    await untilCondition(cluster, keyServers, ref, { type: 'KeysInClear', status: 'True' })
    await untilCondition(cluster, keyServers, ref, { type: 'SingleReplica', status: 'True' })

    const config = { namespace: releaseNamespace, name: `${keyServer.workload}-config` }
    const before = (await client.get(secrets, config))?.data
    await source.write('fs:\n  pth: /data/keys\n')
    const said = await untilCondition(cluster, keyServers, ref, { type: 'KeystoreValid', status: 'False' })
    expect(said.message).toContain('line 2')
    expect((await client.get(secrets, config))?.data).toEqual(before)
    expect(await get(cluster, namespace.name, 'object')).toBe('what was written')
    await source.write('fs:\n  path: /data/keys\n')
    await untilKeyServerReady(cluster, keyServer.name)

    // Somebody outside Kubernetes, for a while.
    await using elsewhere = await cluster.makeNamespace()
    const guest = { namespace: elsewhere.name, name: 'backup' }
    const spec = { keyServerRef: { name: keyServer.name }, secretName: 'kes-client' }
    await cluster.create([{ apiVersion: 'kes-injector.io/v1alpha1', kind: 'KesIdentity', metadata: guest, spec }])
    await untilCondition(cluster, kesIdentities, guest, { type: 'Ready', status: 'True' })
    const pair = await handedOut(cluster, elsewhere.name)
    const call = () => askKes(cluster, keyServer.name, pair, (kes) => kes.generate(`${elsewhere.name}_minio`))
    await call()
    await expect(
      askKes(cluster, keyServer.name, pair, (kes) => kes.generate(`${namespace.name}_minio`)),
    ).rejects.toMatchObject({ code: 'NotAllowed' })
    await destroy(cluster, kesIdentities, guest)
    const gone = async () => ((await client.get(kesIdentities, guest)) === undefined ? true : undefined)
    await until(gone, { what: 'the identity to be revoked', timeoutMs: 60_000, everyMs: 200 })
    await expect(call()).rejects.toMatchObject({ code: 'NotAllowed' })
    expect(await get(cluster, namespace.name, 'object')).toBe('what was written')

    const pod = { namespace: releaseNamespace, name: `${keyServer.workload}-0` }
    await client.delete(pods, pod)
    const again = async () =>
      (await get(cluster, namespace.name, 'object').catch(() => '')) === 'what was written' ? true : undefined
    await until(again, { what: 'the object after a restart of KES', timeoutMs: 60_000, everyMs: 500 })
  })

  it('says what KES says where its key store cannot be reached, and comes up by itself when it can', async () => {
    await using manager = await startSecretsManager(cluster.tier)
    const [, host = '', port = ''] = /http:\/\/([^:"]+):(\d+)/.exec(manager.keystore) ?? []
    await using line = await lineTo(cluster.tier, `${host}:${port}`)
    await line.cut()
    const name = `late-${Date.now()}`
    await using source = await keystoreSecret(cluster, name, manager.keystore.replace(`:${port}`, `:${line.port}`))
    const server = { replicas: 2, keystoreSecretRef: { name: source.name } }
    await using keyServer = await makeKeyServer(cluster, { stateful: undefined, server })
    const silent = async () => {
      const said = (await statusOf(keyServer))?.conditions?.find(({ type }) => type === 'Serving')
      return said?.status === 'False' && /connection refused/.test(said.message) ? said.message : undefined
    }
    await until(silent, { what: 'the words of KES', timeoutMs: 120_000, everyMs: 300 })
    line.mend()
    await untilKeyServerReady(cluster, keyServer.name)
  })

  it('at AWS Secrets Manager: two replicas, reads without the key store, and a change without a failed read', async () => {
    await using manager = await startSecretsManager(cluster.tier)
    const [, host = '', port = ''] = /http:\/\/([^:"]+):(\d+)/.exec(manager.keystore) ?? []
    await using line = await lineTo(cluster.tier, `${host}:${port}`)
    const name = `aws-${Date.now()}`
    await using source = await keystoreSecret(cluster, name, manager.keystore.replace(`:${port}`, `:${line.port}`))
    const server = {
      replicas: 2,
      keystoreSecretRef: { name: source.name },
      cache: { any: '1h', unused: '1h', offline: '1h' },
    }
    await using keyServer = await makeKeyServer(cluster, { stateful: undefined, server })
    const ref = { name: keyServer.name }
    await using namespace = await cluster.makeNamespace({ labels: optIn, annotations: annotationsFor(keyServer) })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'what was written')
    await untilCondition(cluster, keyServers, ref, { type: 'ConfigurationLoaded', status: 'True' })
    const status = await statusOf(keyServer)
    expect(status?.replicas?.map(({ configHash }) => configHash)).toEqual([
      status?.configuration?.hash,
      status?.configuration?.hash,
    ])

    await line.cut()
    await untilCondition(cluster, keyServers, ref, { type: 'KeystoreReachable', status: 'False' })
    expect(await get(cluster, namespace.name, 'object')).toBe('what was written')
    await put(cluster, namespace.name, 'second', 'written without the key store')
    await untilCondition(cluster, keyServers, ref, { type: 'Serving', status: 'True' })
    expect((await statusOf(keyServer))?.conditions?.find(({ type }) => type === 'Stalled')?.status).toBe('False')
    line.mend()
    await untilCondition(cluster, keyServers, ref, { type: 'KeystoreReachable', status: 'True' })
    await untilKeyServerReady(cluster, keyServer.name)
    expect(await get(cluster, namespace.name, 'second')).toBe('written without the key store')

    const startTimes = async () => {
      const set = await client.get(statefulSets, { namespace: releaseNamespace, name: keyServer.workload })
      const names = ['0', '1'].map((ordinal) => `${keyServer.workload}-${ordinal}`)
      const all = await Promise.all(names.map((pod) => client.get(pods, { namespace: releaseNamespace, name: pod })))
      const revision = set?.status?.updateRevision
      if (set?.status?.observedGeneration !== set?.metadata.generation) return undefined
      const fresh = all.every(
        (pod) =>
          pod?.metadata.labels?.['controller-revision-hash'] === revision &&
          pod?.status?.conditions?.some(({ type, status: held }) => type === 'Ready' && held === 'True'),
      )
      return fresh ? all.map((pod) => new Date(pod?.metadata.creationTimestamp ?? 0).getTime()) : undefined
    }
    const first = await client.get(statefulSets, { namespace: releaseNamespace, name: keyServer.workload })
    let apartMs = 0
    const seen = await whileReading(cluster, namespace.name, 'object', async () => {
      await client.mergePatch(keyServers, ref, { spec: { server: { resources: { requests: { cpu: '20m' } } } } })
      const changed = async () =>
        (await client.get(statefulSets, { namespace: releaseNamespace, name: keyServer.workload }))?.metadata
          .generation !== first?.metadata.generation || undefined
      await until(changed, { what: 'the new template', timeoutMs: 60_000 })
      const [zero = 0, one = 0] = await until(startTimes, {
        what: 'both replicas anew',
        timeoutMs: 240_000,
        everyMs: 500,
      })
      apartMs = Math.abs(zero - one)
    })
    await client.mergePatch(keyServers, ref, { spec: { server: { image: 'nowhere.invalid/kes:none' } } })
    const stuckPod = async () => {
      const pod = await client.get(pods, { namespace: releaseNamespace, name: `${keyServer.workload}-1` })
      const reason = pod?.status?.containerStatuses?.find((each) => each.name === 'kes')?.state?.waiting?.reason ?? ''
      return /Image/.test(reason) ? reason : undefined
    }
    await until(stuckPod, { what: 'an image that cannot be had', timeoutMs: 120_000, everyMs: 500 })
    expect(await get(cluster, namespace.name, 'object')).toBe('what was written')
    await client.mergePatch(keyServers, ref, { spec: { server: { image: null } } })
    await until(startTimes, { what: 'both replicas again', timeoutMs: 120_000, everyMs: 500 })

    console.log(`exchange of both replicas, ${apartMs / 1000} s apart, at 20 GET/s: ${JSON.stringify(seen)}`)
    expect(apartMs).toBeGreaterThanOrEqual(35_000)
    expect(seen.failed).toBe(0)
    expect(seen.answered).toBeGreaterThan(500)
  })
})
