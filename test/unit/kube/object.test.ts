import { describe, expect, it } from 'vitest'
import { objectKey, refOf, refOfKey } from '../../../src/kube/object.ts'

describe('the key of an object', () => {
  it('is namespace/name, or the name where there is no namespace', () => {
    expect(objectKey({ namespace: 'ns', name: 'a' })).toBe('ns/a')
    expect(objectKey({ metadata: { namespace: 'ns', name: 'a', uid: 'u' } })).toBe('ns/a')
    expect(objectKey({ name: 'a' })).toBe('a')
  })

  it('leads back to the object', () => {
    for (const ref of [{ namespace: 'ns', name: 'a' }, { name: 'a' }]) {
      expect(refOfKey(objectKey(ref))).toEqual(ref)
      expect(refOf({ metadata: ref })).toEqual(ref)
    }
  })
})
