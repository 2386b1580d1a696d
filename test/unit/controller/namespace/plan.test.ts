import { describe, expect, it } from 'vitest'
import { plan, refusals, type Observed } from '../../../../src/controller/namespace/plan.ts'
import { kesIdentity } from '../identities.ts'

const inject = 'kes-injector.io/inject'
const settled: Observed = {
  name: 'team-a',
  labels: { [inject]: 'enabled' },
  annotations: {},
  deleting: false,
  identity: kesIdentity(),
  status: undefined,
}
const step = (difference: Partial<Observed>) => plan({ ...settled, ...difference }).step

describe('a namespace', () => {
  it('that has its identity needs nothing, and is looked at again in ten minutes', () => {
    expect(plan(settled)).toEqual({ status: undefined, recheckMs: 600_000 })
  })

  it('that opted in gets an identity at the KeyServer called default', () => {
    expect(step({ identity: undefined })).toEqual({ do: 'createIdentity', keyServer: 'default', keyName: undefined })
  })

  it('chooses its key server and its key by annotation', () => {
    const annotations = { 'kes-injector.io/key-server': 'eu', 'kes-injector.io/key-name': 'team-a_gold' }
    expect(step({ identity: undefined, annotations })).toEqual({
      do: 'createIdentity',
      keyServer: 'eu',
      keyName: 'team-a_gold',
    })
  })

  it('lets an identity alone that is being revoked, and gets another one when that is gone', () => {
    const identity = kesIdentity({ keyName: 'team-a_old' }, { deletionTimestamp: '2026-01-01T00:00:00Z' })
    expect(step({ identity })).toBeUndefined()
    expect(step({ identity: undefined })).toMatchObject({ do: 'createIdentity' })
  })

  it.each<[string, Partial<Observed>]>([
    ['has not opted in', { labels: {} }],
    ['has another value in its label', { labels: { [inject]: 'true' } }],
    ['is going', { deleting: true }],
  ])('that %s gets none', (_what, difference) => {
    expect(step({ identity: undefined, ...difference })).toBeUndefined()
  })

  it('that opts out later keeps its identity: its MinIO needs it to read what it wrote', () => {
    expect(step({ labels: {} })).toBeUndefined()
  })

  it('changes the default key when its annotation does', () => {
    const annotations = { 'kes-injector.io/key-name': 'team-a_gold' }
    expect(step({ annotations })).toEqual({ do: 'changeKeys', keyName: 'team-a_gold' })
    expect(step({ identity: kesIdentity({ keyName: 'team-a_gold' }) })).toEqual({
      do: 'changeKeys',
      keyName: undefined,
    })
  })

  it('asks for further keys by annotation, in one order however they are written', () => {
    const annotations = { 'kes-injector.io/keys': ' silver, gold,,gold ' }
    expect(step({ annotations })).toEqual({ do: 'changeKeys', keyName: undefined, keys: ['gold', 'silver'] })
    expect(step({ identity: undefined, annotations })).toMatchObject({ do: 'createIdentity', keys: ['gold', 'silver'] })
    expect(step({ annotations, identity: kesIdentity({ keys: ['gold', 'silver'] }) })).toBeUndefined()
    expect(step({ identity: kesIdentity({ keys: ['gold'] }) })).toMatchObject({ do: 'changeKeys', keys: undefined })
  })

  it('never moves to another key server: no step asks for it', () => {
    expect(step({ annotations: { 'kes-injector.io/key-server': 'eu' } })).toBeUndefined()
  })
})

describe('a wish of a namespace that is not followed', () => {
  it('is a further key of a name that KES does not take: told, and the others are made', () => {
    const annotations = { 'kes-injector.io/keys': '../other_minio,gold,a b' }
    const [refusal, ...more] = refusals({ annotations, identity: undefined })
    expect(refusal).toMatchObject({ reason: 'KeysInvalid', blocks: false })
    expect(refusal?.note).toContain('../other_minio, a b')
    expect(more).toEqual([])
    expect(step({ annotations })).toMatchObject({ keys: ['gold'] })
  })

  it('is more keys than an identity may list: told, and as many as it may are made', () => {
    const annotations = { 'kes-injector.io/keys': Array.from({ length: 201 }, (_, index) => `k${index}`).join(',') }
    expect(refusals({ annotations, identity: undefined }).map(({ reason }) => reason)).toEqual(['KeysInvalid'])
    expect((step({ annotations }) as { readonly keys: readonly string[] }).keys).toHaveLength(200)
  })

  it('is another key server than that of its identity: named with what stays, and nothing else is held up', () => {
    const annotations = { 'kes-injector.io/key-server': 'eu', 'kes-injector.io/key-name': 'team-a_gold' }
    const [refusal, ...more] = refusals({ ...settled, annotations })
    expect(refusal?.reason).toBe('KeyServerChangeRefused')
    expect(refusal?.note).toMatch(/KeyServer eu.*keys of default/)
    expect(more).toEqual([])
    expect(step({ annotations })).toEqual({ do: 'changeKeys', keyName: 'team-a_gold' })
  })

  it.each<[string, Record<string, string>, string]>([
    ['a key server that nobody can have', { 'kes-injector.io/key-server': '../../etc' }, 'KeyServerNameInvalid'],
    ['a key that KES does not take', { 'kes-injector.io/key-name': 'a b' }, 'KeyNameInvalid'],
    ['a key of no letters', { 'kes-injector.io/key-name': '' }, 'KeyNameInvalid'],
  ])('is %s: told, and nothing is made for it', (_what, annotations, reason) => {
    expect(refusals({ annotations, identity: undefined }).map((each) => each.reason)).toEqual([reason])
    expect(step({ identity: undefined, annotations })).toBeUndefined()
    expect(step({ annotations })).toBeUndefined()
  })

  it.each<[string, Partial<Observed>]>([
    ['names the same server', { annotations: { 'kes-injector.io/key-server': 'default' } }],
    ['names none', {}],
    [
      'was made before there is an identity',
      { annotations: { 'kes-injector.io/key-server': 'eu' }, identity: undefined },
    ],
  ])('is none where it %s', (_what, difference) => {
    expect(refusals({ ...settled, ...difference })).toEqual([])
  })
})
