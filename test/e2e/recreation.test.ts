import { expect, it } from 'vitest'
import { namespaces, pods } from '../../src/kube/resources.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { describeInCluster, untilProductReady, untilRolledOut } from './cluster.ts'
import { get, put, startMinio } from './minio.ts'
import { untilKeyServerReady } from './ownKeyServer.ts'

describeInCluster('with every webhook pod gone', (cluster) => {
  const inRelease = ['-n', releaseNamespace]

  it("all of the product's own pods come back, its namespace labelled on purpose, and MinIO reads what it wrote", async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'written before')
    const labels = (value: string | null) => ({ metadata: { labels: { 'kes-injector.io/inject': value } } })
    try {
      await cluster.client.mergePatch(namespaces, { name: releaseNamespace }, labels('enabled'))
      await cluster.kubectl(['scale', 'deployment/kes-injector-webhook', ...inRelease, '--replicas=0'])
      const before = await cluster.client.list(pods, { namespace: releaseNamespace })
      await cluster.kubectl(['delete', 'pods', '--all', '--force', '--grace-period=0', ...inRelease])
      await untilRolledOut(cluster, releaseNamespace, 'deployment/kes-injector-controller')
      await untilRolledOut(cluster, releaseNamespace, 'statefulset/kes-default')
      await cluster.kubectl(['scale', 'deployment/kes-injector-webhook', ...inRelease, '--replicas=2'])
      await untilProductReady(cluster)
      await untilKeyServerReady(cluster, 'default')
      const after = await cluster.client.list(pods, { namespace: releaseNamespace })
      const former = new Set(before.items.map(({ metadata }) => metadata.uid))
      expect(after.items.filter(({ metadata }) => former.has(metadata.uid))).toEqual([])
    } finally {
      await cluster.kubectl(['scale', 'deployment/kes-injector-webhook', ...inRelease, '--replicas=2'])
      await cluster.client.mergePatch(namespaces, { name: releaseNamespace }, labels(null))
    }
    expect(await get(cluster, namespace.name, 'object')).toBe('written before')
    await put(cluster, namespace.name, 'next', 'written after')
    expect(await get(cluster, namespace.name, 'next')).toBe('written after')
  })
})
