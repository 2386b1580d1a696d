import { describe, expect, it } from 'vitest'
import type { Client } from '../../../../src/kube/client.ts'
import type { Clock } from '../../../../src/kube/clock.ts'
import { act } from '../../../../src/plugin/convert/act.ts'
import type { ConvertAction } from '../../../../src/plugin/convert/plan.ts'

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

const set = {
  metadata: { name: 'store-pool-0' },
  spec: {
    template: { spec: { volumes: [{ name: 't', projected: { sources: [{ secret: { name: 'kes-client' } }] } }] } },
  },
}
const pod = (uid: string, ready: boolean) => ({
  metadata: { name: `store-pool-0-${uid.at(-1)}`, uid },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

/** Answers these lists of pods, one after the other, the last for ever; keeps what is written. */
function cluster(...seen: readonly (readonly object[])[]) {
  const written: string[] = []
  let looks = 0
  const client = {
    list: ({ plural }: { plural: string }) => {
      if (plural === 'statefulsets') return Promise.resolve({ resourceVersion: '1', items: [set] })
      return Promise.resolve({ resourceVersion: '1', items: seen[Math.min(looks++, seen.length - 1)] })
    },
    mergePatch: (_: unknown, ref: { name: string }, patch: object) => {
      written.push(`patch ${ref.name} ${JSON.stringify(patch)}`)
      return Promise.resolve({})
    },
    delete: (_: unknown, ref: { name: string }, { uid }: { uid: string }) => {
      written.push(`delete ${ref.name} ${uid}`)
      return Promise.resolve(true)
    },
  } as unknown as Client
  return { client, written, looks: () => looks }
}

const convert: ConvertAction = {
  do: 'convert',
  namespace: 'team-a',
  tenant: 'store',
  resourceVersion: '9',
  spec: { env: [], externalClientCertSecrets: [] },
}
const before = [pod('old-0', true), pod('old-1', true)]

describe('a conversion', () => {
  it('writes once, deletes all pods together, and waits for as many others that are Ready', async () => {
    const { client, written, looks } = cluster(
      before,
      [pod('old-0', true), pod('new-1', true)],
      [pod('new-0', false), pod('new-1', true)],
      [pod('new-0', true), pod('new-1', true)],
    )
    const said = await act({ client, clock: jumpingClock() }, convert)
    expect(written).toEqual([
      'patch store {"metadata":{"resourceVersion":"9"},"spec":{"env":[],"externalClientCertSecrets":[]}}',
      'delete store-pool-0-0 old-0',
      'delete store-pool-0-1 old-1',
    ])
    expect(looks()).toBe(4)
    expect(said).toEqual(['The Tenant store is converted.', expect.stringContaining('Ready again') as string])
  })

  it('says what to do where they do not come back', async () => {
    const { client } = cluster(before, [pod('new-0', true), pod('new-1', false)])
    await expect(act({ client, clock: jumpingClock() }, convert)).rejects.toThrow('kubectl kes explain tenant/store')
  })

  it('is ended without another write of the Tenant', async () => {
    const { client, written } = cluster(before, [pod('new-0', true), pod('new-1', true)])
    await act({ client, clock: jumpingClock() }, { do: 'restart', namespace: 'team-a', tenant: 'store' })
    expect(written).toEqual(['delete store-pool-0-0 old-0', 'delete store-pool-0-1 old-1'])
  })
})
