import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Resource } from '../../src/kube/object.ts'
import { keyServers, pods, secrets } from '../../src/kube/resources.ts'
import { destroy, optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { get, put, startMinio } from './minio.ts'
import { claims, makeKeyServer, untilKeyServerReady } from './ownKeyServer.ts'
import { lookedAgain } from './reconciles.ts'

const volumes: Resource = {
  group: '',
  version: 'v1',
  plural: 'persistentvolumes',
  kind: 'PersistentVolume',
  namespaced: false,
}

describeInCluster('a key server whose volume was exchanged for an empty one', (cluster) => {
  const { client } = cluster

  /** Takes pod and claim away; the StatefulSet makes both again. */
  async function detach(workload: string): Promise<void> {
    const claim = { namespace: releaseNamespace, name: `data-${workload}-0` }
    const former = await client.get(claims, claim)
    await destroy(cluster, claims, claim)
    await client.delete(pods, { namespace: releaseNamespace, name: `${workload}-0` })
    const renewed = async () => {
      const { metadata } = (await client.get(claims, claim)) ?? {}
      return (metadata !== undefined && metadata.uid !== former?.metadata.uid) || undefined
    }
    await until(renewed, { what: 'another claim', timeoutMs: 60_000, everyMs: 200 })
  }

  it('does not start and says DataLost: no key is made; with the former volume it is as before', async () => {
    await using keyServer = await makeKeyServer(cluster)
    const { name, workload } = keyServer
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': name },
    })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'written before')
    const before = (await client.get(keyServers, { name }))?.status
    const claim = { namespace: releaseNamespace, name: `data-${workload}-0` }
    const volume = (await client.get(claims, claim))?.spec.volumeName ?? ''

    await detach(workload)
    const lost = { type: 'Ready', status: 'False', reason: 'DataLost' } as const
    expect((await untilCondition(cluster, keyServers, { name }, lost)).message).toContain('Attach the former volume')
    await lookedAgain(cluster, 'keyServer', () =>
      client.mergePatch(keyServers, { name }, { metadata: { annotations: { poked: randomBytes(4).toString('hex') } } }),
    )
    expect((await client.get(claims, claim))?.spec.volumeName).not.toBe(volume)
    const pod = await client.get(pods, { namespace: releaseNamespace, name: `${workload}-0` })
    expect(pod?.status?.containerStatuses?.[0]?.state).not.toHaveProperty('running')
    expect(await client.get(secrets, { namespace: releaseNamespace, name: `${workload}-init` })).toBeUndefined()
    const { keys, initializedAt, authority } = (await client.get(keyServers, { name }))?.status ?? {}
    expect({ keys, initializedAt, authority }).toEqual({
      keys: before?.keys,
      initializedAt: before?.initializedAt,
      authority: before?.authority,
    })

    // What an administrator does who finds the volume again: it is given to the claim of that name.
    const claimRef = { namespace: releaseNamespace, name: `data-${workload}-0`, uid: null, resourceVersion: null }
    await client.mergePatch(volumes, { name: volume }, { spec: { claimRef } })
    await detach(workload)
    await untilKeyServerReady(cluster, name)
    expect(await get(cluster, namespace.name, 'object')).toBe('written before')
  })
})
