import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../src/kube/object.ts'
import { createStore } from '../../../src/kube/store.ts'

const object = (name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject => ({
  metadata: { namespace: 'ns', name, uid, resourceVersion },
})

function setUp() {
  const errors: unknown[] = []
  const store = createStore<KubeObject>((error) => errors.push(error))
  const told: string[] = []
  const stop = store.subscribe(({ type, object: { metadata } }) => {
    told.push(`${type} ${metadata.name} ${metadata.resourceVersion ?? ''}`)
  })
  return { store, told, errors, stop }
}

describe('the store of a reflector', () => {
  it('tells nothing of an object that comes again as it was', () => {
    const { store, told } = setUp()
    store.put(object('a', '1'))
    store.put(object('a', '1'))
    store.replace([object('a', '1')])
    expect(told).toEqual(['added a 1'])
  })

  it('tells of an object that was deleted and made again unseen as two', () => {
    const { store, told } = setUp()
    store.put(object('a', '1'))
    store.put(object('a', '5', 'another uid'))
    expect(told).toEqual(['added a 1', 'deleted a 1', 'added a 5'])
  })

  it('deletes what is not in a full list', () => {
    const { store, told } = setUp()
    store.put(object('a', '1'))
    store.put(object('b', '2'))
    store.replace([object('b', '3'), object('c', '4')])
    expect(told.slice(2)).toEqual(['deleted a 1', 'updated b 3', 'added c 4'])
    expect(store.get('ns/a')).toBeUndefined()
    expect(store.list()).toHaveLength(2)
  })

  it('knows nothing to delete where there is nothing', () => {
    const { store, told } = setUp()
    store.remove(object('a', '1'))
    expect(told).toEqual([])
  })

  it('goes on when a listener throws, and says so', () => {
    const { store, told, errors } = setUp()
    const broken = new Error('broken')
    store.subscribe(() => {
      throw broken
    })
    store.subscribe(({ type }) => told.push(type))
    store.put(object('a', '1'))
    expect(told).toEqual(['added a 1', 'added'])
    expect(errors).toEqual([broken])
  })

  it('tells nobody who has unsubscribed', () => {
    const { store, told, stop } = setUp()
    stop()
    store.put(object('a', '1'))
    expect(told).toEqual([])
  })
})
