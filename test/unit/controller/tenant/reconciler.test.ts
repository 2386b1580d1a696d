import { describe, expect, it } from 'vitest'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { tenantReconciler } from '../../../../src/controller/tenant/reconciler.ts'
import { configMaps, tenants, type Tenant } from '../../../../src/controller/tenant/resources.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { ApiError } from '../../../../src/kube/apiError.ts'
import type { Client } from '../../../../src/kube/client.ts'
import { refOf, type KubeObject, type Resource } from '../../../../src/kube/object.ts'
import { namespaces, secrets } from '../../../../src/kube/resources.ts'
import { createMemoryClient } from '../../kube/memoryClient.ts'
import { after, dayMs, now } from '../pairs.ts'

const tenant: Tenant = {
  metadata: { name: 'store', namespace: 'team-a' },
  spec: { kes: { replicas: 1, externalCertSecret: { name: 'kes-tenant-server', type: 'kubernetes.io/tls' } } },
}

type Fault = { readonly at: number; readonly when: 'before' | 'afterCommit' }

/** The API in memory, with the one Tenant; its nth write fails, before or after it was stored. */
async function startWorld({ fault, installed = true }: { fault?: Fault; installed?: boolean } = {}) {
  const memory = createMemoryClient()
  await memory.create(namespaces, { metadata: { name: 'team-a', labels: { 'kes-injector.io/inject': 'enabled' } } })
  let writes = 0
  const faulty = async <T>(write: () => Promise<T>): Promise<T> => {
    const fails = fault?.at === writes++ ? fault.when : undefined
    if (fails === 'before') throw new ApiError('ServerError', 'before')
    const answer = await write()
    if (fails === 'afterCommit') throw new ApiError('Timeout', 'after')
    return answer
  }
  const client: Client = {
    ...memory,
    list: async <T extends KubeObject>({ plural }: Resource<T>) => {
      await Promise.resolve()
      if (!installed) throw new ApiError('NotFound', 'no such kind')
      return { items: (plural === tenants.plural ? [tenant] : []) as unknown as T[], resourceVersion: '1' }
    },
    create: (resource, object) => faulty(() => memory.create(resource, object)),
    update: (resource, object) => faulty(() => memory.update(resource, object)),
    apply: <T extends KubeObject>(resource: Resource<T>, object: KubeObject) =>
      faulty(async () => {
        const there = await memory.get(resource, refOf(object))
        return there ? memory.update(resource, object as T) : memory.create(resource, object as T)
      }),
  }
  const told: string[] = []
  let at = now
  const reconciler = tenantReconciler({
    client,
    now: () => at,
    tell: (_about, _type, reason) => told.push(reason),
    releaseNamespace: 'kes-injector',
    clusterDomain: 'cluster.local',
    certificates: { authority: '43800h', server: '2160h', client: '2160h', renewAt: 0.667 },
  })
  const watcher = { acted: () => undefined }
  const look = () => reconcile(reconciler, 'team-a', () => at, new AbortController().signal, watcher)
  /** Tries until it comes to rest, as the work queue does. */
  const rest = async (): Promise<void> => {
    for (let tries = 0; tries < 5; tries++) {
      try {
        await look()
        return
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
      }
    }
    throw new Error('it did not come to rest')
  }
  const text = (namespace: string, name: string, key: string): string => {
    const data = memory.stored(secrets, { namespace, name })?.data ?? {}
    return Buffer.from(data[key] ?? '', 'base64').toString()
  }
  return {
    rest,
    told,
    writes: () => writes,
    wait: (ms: number) => (at = after(ms, at)),
    text,
    record: () => memory.stored(configMaps, { namespace: 'kes-injector', name: 'tenant.team-a.record' })?.data,
    madeAuthorities: () =>
      memory.writes.filter(({ verb, key }) => verb === 'create' && key.includes('authority')).length,
  }
}

describe('a Tenant whose KES the operator runs', () => {
  it('gets both pairs under one authority, and what was made is recorded', async () => {
    const { rest, text, record, told } = await startWorld()
    await rest()
    const authority = text('kes-injector', 'tenant.team-a.authority-1', 'tls.crt')
    expect(text('team-a', 'kes-tenant-client', 'ca.crt')).toBe(authority)
    expect(text('team-a', 'kes-tenant-client', 'tls.key')).toBe(text('kes-injector', 'tenant.team-a.client', 'tls.key'))
    expect(text('team-a', 'kes-tenant-server', 'tls.key')).toContain('PRIVATE KEY')
    expect(text('team-a', 'kes-tenant-server', 'ca.crt')).toBe('')
    expect(record()).toMatchObject({ identity: identityOf(text('team-a', 'kes-tenant-client', 'tls.crt')) })
    expect(JSON.stringify(record())).not.toContain('PRIVATE')
    expect(told).toEqual(['Issued', 'ServerIssued', 'HandedOut'])
  })

  it('has its certificates renewed with the same keys', async () => {
    const { rest, wait, text } = await startWorld()
    await rest()
    const keys = () => ['kes-tenant-client', 'kes-tenant-server'].map((name) => text('team-a', name, 'tls.key'))
    const certificates = () => ['kes-tenant-client', 'kes-tenant-server'].map((name) => text('team-a', name, 'tls.crt'))
    const [formerKeys, former] = [keys(), certificates()]
    wait(70 * dayMs)
    await rest()
    expect(keys()).toEqual(formerKeys)
    certificates().forEach((each, which) => expect(each).not.toBe(former[which]))
  })

  it('is of no concern where the kind is not installed', async () => {
    const { rest, writes } = await startWorld({ installed: false })
    await rest()
    expect(writes()).toBe(0)
  })
})

describe('a write that fails', () => {
  // As many as a bring-up and a renewal have; the last of them are never reached, so nothing is left out.
  const faults = Array.from({ length: 16 }, (_, at) =>
    (['before', 'afterCommit'] as const).map((when) => ({ at, when })),
  )

  it.each(faults.flat())('leads to the same end: $at, $when', async (fault) => {
    const world = await startWorld({ fault })
    await world.rest()
    const identity = world.record()?.['identity']
    expect(world.record()).not.toHaveProperty('problem')
    expect(identity).toBe(identityOf(world.text('team-a', 'kes-tenant-client', 'tls.crt')))
    world.wait(70 * dayMs)
    await world.rest()
    expect(world.madeAuthorities()).toBe(1)
    expect(identityOf(world.text('team-a', 'kes-tenant-client', 'tls.crt'))).toBe(identity)
    expect(world.record()).toMatchObject({ identity })
    expect(world.writes()).toBeGreaterThan(10)
  })
})
