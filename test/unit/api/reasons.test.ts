import { describe, expect, it } from 'vitest'
import { denyReasons, injectReasons, skipReasons } from '../../../src/api/reasons.ts'

const tables = [injectReasons, skipReasons, denyReasons]
const all = tables.flatMap((table) => Object.entries(table))

describe('the reasons', () => {
  it('are one set: no word means two things', () => {
    expect(new Set(all.map(([reason]) => reason)).size).toBe(all.length)
    expect(new Set(all.map(([, meaning]) => meaning)).size).toBe(all.length)
  })

  it('are words that a metric label, an annotation and a condition take', () => {
    for (const [reason, meaning] of all) {
      expect(reason).toMatch(/^[A-Z][A-Za-z]{2,40}$/)
      expect(meaning).toMatch(/^\S.{10,}[^.]$/)
    }
  })

  it('are never renamed: what people have written alerts for stays', () => {
    expect(Object.keys(injectReasons)).toEqual(expect.arrayContaining(['Injected', 'Repaired']))
    expect(Object.keys(skipReasons)).toEqual(
      expect.arrayContaining([
        ...['AlreadyInjected', 'OptedOut', 'NotMinio', 'OperatorPod', 'RunningTenant', 'UserManagedKms'],
        ...['Subresource', 'Deleting', 'MirrorPod', 'UnsupportedPlatform'],
      ]),
    )
    expect(Object.keys(denyReasons)).toEqual(
      expect.arrayContaining([
        ...['KeyServerUnknown', 'KeyServerNotAllowed', 'KeyNameInvalid', 'NameCollision', 'MountCollision'],
        'OperatorCrash',
      ]),
    )
  })
})
