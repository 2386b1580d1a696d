import { describe, expect, it } from 'vitest'
import { defaultKeyName, expandPrefix, isKeyName, isOwnKey, keyNameProblem } from '../../../src/api/keyName.ts'

describe("a key's name", () => {
  it.each(['a', 'A-b_9', 'k'.repeat(80)])('is %s', (name) => {
    expect(isKeyName(name)).toBe(true)
  })

  it.each(['', 'k'.repeat(81), 'a b', 'a/b', 'a.b', 'ä', '*', '../x', 'a\n', 'a\0'])('is never %j', (name) => {
    expect(isKeyName(name)).toBe(false)
    expect(keyNameProblem(name, '')).toContain('KES takes key names of 1 to 80')
  })
})

describe('the keys of a namespace', () => {
  const prefixOf = (namespace: string) => expandPrefix('{namespace}_', namespace)
  // None of these is the beginning of another one's, because no namespace's name has an underscore.
  const alike = ['a', 'a-b', 'ab', 'a-', 'b', 'a-b-c']

  it.each(alike)('%s: its own begin with its prefix, and those of look-alikes do not', (namespace) => {
    const own = defaultKeyName(prefixOf(namespace))
    for (const other of alike) expect(isOwnKey(own, prefixOf(other)), other).toBe(other === namespace)
  })

  it('are more than the prefix', () => {
    expect(isOwnKey('a_', 'a_')).toBe(false)
    expect(keyNameProblem('a_', 'a_')).toContain('ends there')
    expect(isOwnKey('a_x', 'a_')).toBe(true)
    expect(keyNameProblem('a_x', 'a_')).toBeUndefined()
  })

  it('are explained where a name is not one of them', () => {
    expect(keyNameProblem('b_minio', 'a_')).toBe(
      'the names of this namespace\'s keys begin with "a_"; "b_minio" does not, or ends there',
    )
  })

  it('carry the namespace wherever the prefix names it', () => {
    expect(expandPrefix('eu-{namespace}-{namespace}_', 'a')).toBe('eu-a-a_')
  })

  it('are not longer in a message than a person reads', () => {
    expect(keyNameProblem('x y'.repeat(1_000), 'a_')?.length).toBeLessThan(250)
  })
})
