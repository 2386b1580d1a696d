import { describe, expect, it } from 'vitest'
import { canonicalPath, nests } from '../../../src/minio/pod.ts'
import { member, memberAt } from '../../../src/minio/shape.ts'

describe('mount paths', () => {
  it.each([
    ['/run//x/', '/run/x'],
    ['/var/run/x', '/run/x'],
    ['/a/../run/x', '/run/x'],
    ['/./run', '/run'],
    ['/../..', '/'],
    ['/var/running', '/var/running'],
  ])('%s is %s', (path, canonical) => {
    expect(canonicalPath(path)).toBe(canonical)
  })

  it('get in the way of each other where one is the other or above it', () => {
    expect(['/run', '/run/x', '/run/x/y', '/'].map((path) => nests(path, '/run/x'))).toEqual([true, true, true, true])
    expect(['/run/xy', '/ru', '/run/y'].map((path) => nests(path, '/run/x'))).toEqual([false, false, false])
  })
})

describe('reading objects from the wire', () => {
  it('sees what an object has and never what it inherits', () => {
    const object = JSON.parse('{"__proto__": {"x": 1}, "a": {"b": null}}') as unknown
    expect(memberAt(object, '__proto__', 'x')).toBe(1)
    expect(member(object, 'x')).toBeUndefined()
    expect(member(object, 'toString')).toBeUndefined()
    expect(memberAt(object, 'a', 'b', 'c')).toBeUndefined()
    expect(member([1], 'length')).toBeUndefined()
  })
})
