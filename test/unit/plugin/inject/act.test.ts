import { describe, expect, it } from 'vitest'
import type { Client } from '../../../../src/kube/client.ts'
import type { Clock } from '../../../../src/kube/clock.ts'
import { act } from '../../../../src/plugin/inject/act.ts'
import type { Action } from '../../../../src/plugin/inject/plan.ts'

/** A clock that jumps whenever somebody waits. */
function jumpingClock(): Clock {
  let ms = 0
  return {
    now: () => new Date(ms),
    monotonicMs: () => ms,
    after: (delayMs, callback) => {
      ms += delayMs
      queueMicrotask(callback)
      return () => undefined
    },
  }
}

const set = (secret: string | undefined) => ({
  metadata: { name: 'store-pool-0' },
  spec: {
    template: {
      spec: { volumes: [{ name: 'tls', projected: { sources: secret ? [{ secret: { name: secret } }] : [] } }] },
    },
  },
})
const pods = ['store-pool-0-0', 'store-pool-0-1'].map((name) => ({ metadata: { name, uid: `uid-${name}` } }))

/** Answers these StatefulSets, one list after the other, the last for ever; keeps what is written. */
function cluster(...templates: readonly (readonly object[])[]) {
  const written: string[] = []
  let looks = 0
  const client = {
    list: (resource: { plural: string }) => {
      const sets = templates[Math.min(looks, templates.length - 1)]
      if (resource.plural === 'statefulsets') looks += 1
      return Promise.resolve({ resourceVersion: '1', items: resource.plural === 'pods' ? pods : sets })
    },
    mergePatch: (resource: { plural: string }, ref: { name: string }, patch: object) => {
      written.push(`patch ${resource.plural} ${ref.name} ${JSON.stringify(patch)}`)
      return Promise.resolve({})
    },
    delete: (_: unknown, ref: { name: string }, { uid }: { uid: string }) => {
      written.push(`delete ${ref.name} ${uid} at look ${looks}`)
      return Promise.resolve(true)
    },
  } as unknown as Client
  return { client, written }
}

const adopt: Action = {
  do: 'annotate',
  namespace: 'team-a',
  tenant: 'store',
  resourceVersion: '9',
  value: 'enabled',
  restartFor: 'kes-client',
}

describe('an adoption', () => {
  it('deletes all pods together once every template mounts the Secret, and not before', async () => {
    const { client, written } = cluster([set(undefined)], [set(undefined)], [set('kes-client')])
    const said = await act({ client, clock: jumpingClock() }, adopt)
    expect(written).toEqual([
      'patch tenants store {"metadata":{"resourceVersion":"9","annotations":{"kes-injector.io/inject":"enabled"}}}',
      'delete store-pool-0-0 uid-store-pool-0-0 at look 3',
      'delete store-pool-0-1 uid-store-pool-0-1 at look 3',
    ])
    expect(said.at(-1)).toContain('2 pods were deleted together')
  })

  it.each([
    ['no template', []],
    ['only some templates', [set('kes-client'), set(undefined)]],
  ])('deletes nothing where the operator has changed %s in time, and says how to go on', async (_, templates) => {
    const { client, written } = cluster(templates)
    await expect(act({ client, clock: jumpingClock() }, adopt)).rejects.toThrow(
      'kubectl delete pod -n team-a -l v1.min.io/tenant=store',
    )
    expect(written).toHaveLength(1)
  })
})

describe('a label', () => {
  it.each([['enabled'], [null]])('becomes %s, on the very object that was seen', async (value) => {
    const { client, written } = cluster()
    await act({ client, clock: jumpingClock() }, { do: 'label', namespace: 'team-a', resourceVersion: '7', value })
    expect(written).toEqual([
      `patch namespaces team-a {"metadata":{"resourceVersion":"7","labels":{"kes-injector.io/inject":${JSON.stringify(value)}}}}`,
    ])
  })
})
