import { describe, expect, it } from 'vitest'
import { triggers } from '../../../../src/controller/triggers.ts'
import { followTenants } from '../../../../src/controller/tenant/watch.ts'
import { ApiError } from '../../../../src/kube/apiError.ts'
import type { Client, WatchEvent } from '../../../../src/kube/client.ts'
import { systemClock } from '../../../../src/kube/clock.ts'
import type { KubeObject, Resource } from '../../../../src/kube/object.ts'
import { createMemoryClient } from '../../kube/memoryClient.ts'
import { createSilentLog } from '../../kube/silentLog.ts'

const tenant = (generation: number, resourceVersion: string): KubeObject => ({
  metadata: { name: 'store', namespace: 'team-a', uid: 'u', generation, resourceVersion },
})

describe('a change of a Tenant', () => {
  it('wakes its namespace when it is new, when its spec moved, and when it is gone', () => {
    const wake = [['tenant', 'team-a']]
    const object = tenant(2, '20')
    expect(triggers.tenant({ type: 'added', object })).toEqual(wake)
    expect(triggers.tenant({ type: 'updated', object, previous: tenant(1, '10') })).toEqual(wake)
    expect(triggers.tenant({ type: 'deleted', object })).toEqual(wake)
  })

  it('wakes nobody when only its status was written, as the operator does every five seconds', () => {
    const statusWrites = Array.from({ length: 100 }, (_, at) => ({
      type: 'updated' as const,
      object: tenant(1, String(at + 1)),
      previous: tenant(1, String(at)),
    }))
    expect(statusWrites.flatMap((change) => triggers.tenant(change))).toEqual([])
  })
})

/** A cluster in which kinds come and go: lists of one that is not installed fail, watches give what is pushed. */
function changingCluster() {
  const installed = new Set<string>()
  const listed: string[] = []
  const watchers = new Map<string, (event: WatchEvent<KubeObject>) => void>()
  const definition: KubeObject = { metadata: { name: 'tenants.minio.min.io', resourceVersion: '1' } }
  const { promise: watched, resolve: nowWatched } = Promise.withResolvers<undefined>()
  const { promise: unwatched, resolve: noMoreWatched } = Promise.withResolvers<undefined>()
  const client: Client = {
    ...createMemoryClient(),
    list: async <T extends KubeObject>({ plural }: Resource<T>) => {
      await Promise.resolve()
      listed.push(plural)
      if (plural === 'tenants' && !installed.has('tenants')) throw new ApiError('NotFound', 'no such kind')
      const all = plural === 'tenants' ? [tenant(1, '5')] : installed.has('tenants') ? [definition] : []
      return { items: all as unknown as T[], resourceVersion: '1' }
    },
    watch: async function* <T extends KubeObject>({ plural }: Resource<T>, _options: unknown, signal: AbortSignal) {
      const queue: WatchEvent<KubeObject>[] = []
      let wakeUp: () => void = () => undefined
      watchers.set(plural, (event) => {
        queue.push(event)
        wakeUp()
      })
      signal.addEventListener('abort', () => wakeUp(), { once: true })
      if (plural !== 'tenants') nowWatched(undefined)
      while (!signal.aborted) {
        for (const event of queue.splice(0)) yield event as WatchEvent<T>
        await new Promise<void>((resolve) => {
          wakeUp = resolve
          if (queue.length > 0 || signal.aborted) resolve()
        })
      }
      if (plural === 'tenants') noMoreWatched(undefined)
    },
  }
  const install = (present: boolean) => {
    if (present) installed.add('tenants')
    else installed.delete('tenants')
    watchers.get('customresourcedefinitions')?.({ type: present ? 'ADDED' : 'DELETED', object: definition })
  }
  const touch = () => {
    const object = { metadata: { ...definition.metadata, resourceVersion: '2' } }
    watchers.get('customresourcedefinitions')?.({ type: 'MODIFIED', object })
  }
  return { client, listed, install, touch, watched, unwatched }
}

describe('following a kind that may not be installed', () => {
  it('holds nobody up where it is not, never lists it, and begins by itself once it is', async () => {
    const { client, listed, install, touch, watched, unwatched } = changingCluster()
    const { promise: told, resolve } = Promise.withResolvers<string>()
    const edges = { clock: systemClock, random: () => 0, log: createSilentLog() }
    const watch = followTenants(client, edges, ({ object }) => resolve(object.metadata.name))
    try {
      await watch.synced
      await watched
      expect(listed).toEqual(['customresourcedefinitions'])
      install(true)
      expect(await told).toBe('store')
      // A definition that changes is the same kind, and one that goes takes the watch with it.
      touch()
      install(false)
      await unwatched
      expect(listed).toEqual(['customresourcedefinitions', 'tenants'])
    } finally {
      watch.stop()
    }
  })
})
