import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  defaultKeyName,
  expandPrefix,
  grantPattern,
  isGranted,
  isKeyName,
  isOwnKey,
  isPrefixed,
  keyNameProblem,
  realmOf,
  type KeyRealm,
} from '../../../src/api/keyName.ts'

const ofPrefix = (keyPrefix: string): KeyRealm => ({ keyPrefix, granted: [] })

describe("a key's name", () => {
  it.each(['a', 'A-b_9', 'k'.repeat(80)])('is %s', (name) => {
    expect(isKeyName(name)).toBe(true)
  })

  it.each(['', 'k'.repeat(81), 'a b', 'a/b', 'a.b', 'ä', '*', '../x', 'a\n', 'a\0'])('is never %j', (name) => {
    expect(isKeyName(name)).toBe(false)
    expect(keyNameProblem(name, ofPrefix(''))).toContain('KES takes key names of 1 to 80')
  })
})

describe('the keys of a namespace', () => {
  const realm = (namespace: string) => realmOf({ keyPrefix: '{namespace}_' }, namespace)
  // None of these is the beginning of another one's, because no namespace's name has an underscore.
  const alike = ['a', 'a-b', 'ab', 'a-', 'b', 'a-b-c']

  it.each(alike)('%s: its own begin with its prefix, and those of look-alikes do not', (namespace) => {
    const own = defaultKeyName(realm(namespace).keyPrefix)
    for (const other of alike) expect(isOwnKey(own, realm(other)), other).toBe(other === namespace)
  })

  it('are more than the prefix', () => {
    expect(isOwnKey('a_', ofPrefix('a_'))).toBe(false)
    expect(keyNameProblem('a_', ofPrefix('a_'))).toContain('ends there')
    expect(isOwnKey('a_x', ofPrefix('a_'))).toBe(true)
    expect(keyNameProblem('a_x', ofPrefix('a_'))).toBeUndefined()
  })

  it('are explained where a name is not one of them', () => {
    expect(keyNameProblem('b_minio', ofPrefix('a_'))).toBe(
      'the names of this namespace\'s keys begin with "a_"; "b_minio" does not, or ends there, and spec.grants of the KeyServer does not name it',
    )
  })

  it('carry the namespace wherever the prefix names it', () => {
    expect(expandPrefix('eu-{namespace}-{namespace}_', 'a')).toBe('eu-a-a_')
  })

  it('are not longer in a message than a person reads', () => {
    expect(keyNameProblem('x y'.repeat(1_000), ofPrefix('a_'))?.length).toBeLessThan(250)
  })
})

describe('a grant', () => {
  const spec = {
    keyPrefix: '{namespace}_',
    grants: [
      { namespace: 'a', keys: ['minio-default-key', 'old-*'] },
      { namespace: 'ab', keys: ['other'] },
    ],
  }

  it.each(['minio-default-key', 'old-1', 'old-', 'a_minio'])('lets its namespace use %s', (name) => {
    expect(isOwnKey(name, realmOf(spec, 'a'))).toBe(true)
    expect(keyNameProblem(name, realmOf(spec, 'a'))).toBeUndefined()
  })

  it.each(['minio-default-key2', 'minio-default-ke', 'Minio-default-key', 'old', 'other', 'a_', 'old-*', 'old-/../x'])(
    'does not let it use %s',
    (name) => {
      expect(isOwnKey(name, realmOf(spec, 'a'))).toBe(false)
    },
  )

  it('covers patterns that lie within one of its own, and no wider ones', () => {
    const realm = realmOf(spec, 'a')
    expect(['old-*', 'old-x*', 'minio-default-key'].map((each) => isGranted(each, realm))).toEqual([true, true, true])
    expect(['old*', 'minio-default-key*', '*', 'o*'].map((each) => isGranted(each, realm))).toEqual(
      Array(4).fill(false),
    )
  })

  it('makes no key one that is the namespace’s to make', () => {
    expect(isPrefixed('a_minio', realmOf(spec, 'a'))).toBe(true)
    expect(isPrefixed('minio-default-key', realmOf(spec, 'a'))).toBe(false)
  })

  it.each(['minio-default-key', 'old-*', 'k'.repeat(80), 'a'])('can name %s', (name) => {
    expect(name).toMatch(grantPattern)
  })

  it.each(['*', '', '*a', 'a*b', 'a**', 'a/*', 'a[b]', 'a?', 'k'.repeat(81), `${'k'.repeat(80)}*`])(
    'can never name %j',
    (name) => {
      expect(name).not.toMatch(grantPattern)
    },
  )

  it('changes nothing for any other namespace', () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/)
    const names = fc.array(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}\*?$/), { minLength: 1, maxLength: 5 })
    const key = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)
    fc.assert(
      fc.property(label, label, names, key, (granted, other, keys, name) => {
        fc.pre(granted !== other)
        const grants = [{ namespace: granted, keys }]
        const [with_, without] = [{ keyPrefix: '{namespace}_', grants }, { keyPrefix: '{namespace}_' }]
        expect(realmOf(with_, other)).toEqual(realmOf(without, other))
        for (const each of [name, ...keys])
          expect(isOwnKey(each, realmOf(with_, other))).toBe(isOwnKey(each, realmOf(without, other)))
      }),
    )
  })
})
