import { afterAll, describe, expect, it } from 'vitest'
import { namespaces, pods } from '../../src/kube/resources.ts'
import { optIn, releaseNamespace, takesPods } from '../fixtures/clusterAccess.ts'
import { minioPod, otherPod, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'
import { webhookCalls } from './webhookCalls.ts'

const cluster = useApiServer()
const excluded = ['kube-system', 'kube-public', 'kube-node-lease', releaseNamespace]

afterAll(async () => {
  const labels = { 'kes-injector.io/inject': null }
  for (const name of excluded) await cluster.client.mergePatch(namespaces, { name }, { metadata: { labels } })
})

/** How often the API server called our webhooks while something happened. */
async function callsDuring(act: () => Promise<unknown>): Promise<number> {
  const before = await webhookCalls(cluster)
  await act()
  return (await webhookCalls(cluster)) - before
}

describe('by the metrics of the API server the webhook', () => {
  it('is called for a MinIO pod and a Tenant in a labelled namespace, so that a count of zero means something', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    expect(await callsDuring(() => cluster.create([minioPod(name, 'minio')]))).toBeGreaterThan(0)
    expect(await callsDuring(() => cluster.create([tenant(name)]))).toBeGreaterThan(0)
  })

  it('is never called for anything in a namespace without the label', async () => {
    await using namespace = await cluster.makeNamespace({ labels: { 'kes-injector.io/inject': 'true' } })
    const { name } = namespace
    const act = async () => {
      await cluster.create([minioPod(name, 'minio'), otherPod(name, 'web'), tenant(name)])
      await cluster.client.mergePatch(tenants, { namespace: name, name: 'store' }, { spec: { image: 'next' } })
    }
    expect(await callsDuring(act)).toBe(0)
    expect((await cluster.client.get(tenants, { namespace: name, name: 'store' }))?.spec.env).toBeUndefined()
  })

  it('is never called for pods without MinIO in a labelled namespace, nor for other kinds', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    const act = () =>
      cluster.create([
        otherPod(name, 'web'),
        { ...minioPod(name, 'init', { name: 'web' }, { initContainers: [{ name: 'minio', image: 'minio' }] }) },
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'minio', namespace: name } },
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'minio', namespace: name } },
        { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'minio', namespace: name } },
      ])
    expect(await callsDuring(act)).toBe(0)
  })

  it('is never called for updates of pods, their status or their deletion', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await cluster.create([minioPod(name, 'minio')])
    const ref = { namespace: name, name: 'minio' }
    const act = async () => {
      await cluster.client.mergePatch(pods, ref, { metadata: { labels: { touched: 'yes' } } })
      await cluster.client.mergePatch(pods, ref, { status: { message: 'touched' } }, { subresource: 'status' })
      await cluster.client.delete(pods, ref)
    }
    expect(await callsDuring(act)).toBe(0)
  })

  it.each(excluded)('is never called in %s, though it is labelled on purpose', async (name) => {
    await cluster.client.mergePatch(namespaces, { name }, { metadata: { labels: optIn } })
    await takesPods(cluster, name)
    const act = async () => {
      await cluster.create([minioPod(name, 'uncalled'), tenant(name, {}, { name: 'uncalled' })])
      await cluster.client.delete(pods, { namespace: name, name: 'uncalled' })
      await cluster.client.delete(tenants, { namespace: name, name: 'uncalled' })
    }
    expect(await callsDuring(act)).toBe(0)
  })
})
