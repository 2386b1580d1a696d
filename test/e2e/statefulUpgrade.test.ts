import { expect, it } from 'vitest'
import { keyServers, pods, statefulSets } from '../../src/kube/resources.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { whileReading } from './getLoad.ts'
import { get, put, startMinio } from './minio.ts'
import { makeKeyServer, untilKeyServerReady, type OwnKeyServer } from './ownKeyServer.ts'

describeInCluster('the image of an embedded key server', (cluster) => {
  const { client } = cluster

  const setImage = ({ name }: OwnKeyServer, image: string | null) =>
    client.mergePatch(keyServers, { name }, { spec: { stateful: { image } } })
  const podOf = ({ workload }: OwnKeyServer) => client.get(pods, { namespace: releaseNamespace, name: `${workload}-0` })
  const restartsWith = async (keyServer: OwnKeyServer, change: () => Promise<unknown>): Promise<void> => {
    const before = (await podOf(keyServer))?.metadata.uid
    await change()
    const replaced = async () => {
      const pod = await podOf(keyServer)
      const ready = pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
      return (pod?.metadata.uid !== before && ready) || undefined
    }
    await until(replaced, { what: 'another pod', timeoutMs: 120_000, everyMs: 200 })
    await untilKeyServerReady(cluster, keyServer.name)
  }

  it('is changed with a short pause, refused where it could not read the volume, and taken back by itself', async () => {
    await using keyServer = await makeKeyServer(cluster)
    const { name, workload } = keyServer
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': name, 'kes-injector.io/keys': 'gold, silver' },
    })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'written before')
    const present = { type: 'KeysPresent', status: 'True' } as const
    await untilCondition(cluster, keyServers, { name }, present)
    const keys = () => client.get(keyServers, { name }).then((found) => found?.status?.keys ?? [])
    await until(async () => ((await keys()).includes(`${namespace.name}_gold`) ? true : undefined), {
      what: 'a key asked for by annotation',
      timeoutMs: 60_000,
    })
    expect(await keys()).toContain(`${namespace.name}_silver`)

    // The same image by another template: what is replaced is the pod.
    const seen = await whileReading(cluster, namespace.name, 'object', () =>
      restartsWith(keyServer, () =>
        client.mergePatch(keyServers, { name }, { spec: { stateful: { resources: { requests: { cpu: '50m' } } } } }),
      ),
    )
    console.log(`replacement of the pod at 20 GET/s: ${JSON.stringify(seen)}`)
    expect(seen.answered).toBeGreaterThan(20)
    expect(seen.longestPauseMs).toBeLessThan(60_000)
    expect(await get(cluster, namespace.name, 'object')).toBe('written before')

    // A tag that says it: nothing is touched.
    const pod = (await podOf(keyServer))?.metadata.uid
    await setImage(keyServer, 'minio/kes:2024-01-11T13-09-29Z')
    const refused = await untilCondition(
      cluster,
      keyServers,
      { name },
      { type: 'Stalled', status: 'True', reason: 'UpgradeRefused' },
    )
    expect(refused.message).toContain('cannot read the volume')
    expect((await podOf(keyServer))?.metadata.uid).toBe(pod)
    expect(await get(cluster, namespace.name, 'object')).toBe('written before')
    await setImage(keyServer, null)
    await untilKeyServerReady(cluster, name)
    expect((await podOf(keyServer))?.metadata.uid).toBe(pod)

    // A KES of today under a name that says nothing: its pod does not come up, which is told, and the way back needs no hand.
    await setImage(keyServer, cluster.tier.kesServerImage)
    const down = await untilCondition(
      cluster,
      keyServers,
      { name },
      { type: 'Serving', status: 'False', reason: 'NoPod' },
    )
    console.log(`told of an image that cannot read the volume: ${down.message}`)
    const told = async () => {
      const serving = (await client.get(keyServers, { name }))?.status?.conditions?.find(
        ({ type }) => type === 'Serving',
      )
      return serving?.message.startsWith('init:') ? serving.message : undefined
    }
    console.log(await until(told, { what: 'the words of the image', timeoutMs: 60_000, everyMs: 200 }))
    await restartsWith(keyServer, () => setImage(keyServer, null))
    expect(await get(cluster, namespace.name, 'object')).toBe('written before')

    // Scaled down by hand.
    await cluster.kubectl(['scale', 'statefulset', workload, '-n', releaseNamespace, '--replicas=0'])
    const replicas = async () =>
      (await client.get(statefulSets, { namespace: releaseNamespace, name: workload }))?.spec?.replicas === 1 ||
      undefined
    await until(replicas, { what: 'the replica to be put back', timeoutMs: 90_000, everyMs: 200 })
    await untilKeyServerReady(cluster, name)
    expect(await get(cluster, namespace.name, 'object')).toBe('written before')
  })
})
