import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { leases, pods, secrets } from '../../src/kube/resources.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { crash, release, untilReady } from './keptRunning.ts'
import { minioPod, otherPod, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()
const { webhook } = cluster.tier

afterEach(() => untilReady(webhook))
afterAll(() => untilReady(webhook))

/** Does something while no webhook runs. */
async function withoutWebhook(act: () => Promise<void>): Promise<void> {
  await crash(webhook)
  try {
    await act()
  } finally {
    release(webhook)
  }
}

describe('while no webhook answers', () => {
  it('MinIO objects in labelled namespaces are refused in words that name the webhook', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await withoutWebhook(async () => {
      const startedMs = performance.now()
      expect(await refusal(cluster.create([minioPod(name, 'minio')]))).toMatch(
        /failed calling webhook "minio-pods\.kes-injector\.io"/,
      )
      expect(await refusal(cluster.create([tenant(name)]))).toMatch(
        /failed calling webhook "minio-tenants\.kes-injector\.io"/,
      )
      expect(performance.now() - startedMs).toBeLessThan(5_000)
    })
  })

  it('everything else is stored, in labelled namespaces and elsewhere', async () => {
    await using labelled = await cluster.makeNamespace({ labels: optIn })
    await using unlabelled = await cluster.makeNamespace()
    await withoutWebhook(async () => {
      for (const { name: namespace } of [labelled, unlabelled]) {
        await cluster.create([otherPod(namespace, 'web')])
        await cluster.client.create(secrets, { metadata: { namespace, name: 'any' } })
        await cluster.client.create(leases, { metadata: { namespace, name: 'any' } })
        await cluster.client.mergePatch(secrets, { namespace, name: 'any' }, { stringData: { a: 'b' } })
        expect(await cluster.client.delete(pods, { namespace, name: 'web' })).toBe(true)
      }
      await cluster.create([minioPod(unlabelled.name, 'minio'), tenant(unlabelled.name)])
    })
  })

  it('a Tenant goes: its deletion and the removal of its last finalizer wait for nobody', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const ref = { namespace: namespace.name, name: 'store' }
    await cluster.client.create(tenants, tenant(namespace.name, {}, { finalizers: ['test.kes-injector.io/held'] }))
    await withoutWebhook(async () => {
      expect(await cluster.client.delete(tenants, ref)).toBe(true)
      expect(await cluster.client.get(tenants, ref)).toBeDefined()
      await cluster.client.mergePatch(tenants, ref, { metadata: { finalizers: null } })
      expect(await cluster.client.get(tenants, ref)).toBeUndefined()
    })
  })

  it('the status of a Tenant is written', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const ref = { namespace: namespace.name, name: 'store' }
    await cluster.client.create(tenants, tenant(namespace.name))
    await withoutWebhook(async () => {
      const status = { currentState: 'Initialized' }
      await cluster.client.mergePatch(tenants, ref, { status }, { subresource: 'status' })
    })
    expect((await cluster.client.get(tenants, ref))?.status).toEqual({ currentState: 'Initialized' })
  })
})

describe('a webhook that is back', () => {
  it('is used within seconds', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await withoutWebhook(async () => {
      await refusal(cluster.create([minioPod(name, 'minio')]))
    })
    const startedMs = performance.now()
    const created = () => cluster.create([minioPod(name, 'minio')]).catch(() => undefined)
    await until(created, { what: 'the pod to be admitted', timeoutMs: 30_000, everyMs: 100 })
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    expect((await cluster.client.get(pods, { namespace: name, name: 'minio' }))?.spec?.containers[0]?.env).toHaveLength(
      5,
    )
  })
})
