import { describe, expect, it } from 'vitest'
import { createAuthority } from '../../../src/pki/authority.ts'
import { mergeBundles, splitBundle } from '../../../src/pki/bundle.ts'
import { dayMs, later, newPair, now } from './world.ts'

const made = (commonName: string, day: number): string =>
  createAuthority({ commonName, lifetimeMs: 100 * dayMs, now: later(day * dayMs) }).certificatePem
const [ended, old, current] = [made('ended', -200), made('old', -50), made('current', -1)]

describe('merging trust bundles', () => {
  it('keeps each certificate once, the newest first, and drops what has ended', () => {
    expect(mergeBundles([old + ended, current + old], now)).toBe(current + old)
  })

  it('gives the same text whatever the order', () => {
    expect(mergeBundles([current, old], now)).toBe(mergeBundles([old, old, current], now))
  })

  it('is empty when nothing valid is left', () => {
    expect(mergeBundles([ended, ''], now)).toBe('')
  })

  it('splits into what it was merged from', () => {
    expect(splitBundle(`# comment\n${old}\n${current}`)).toEqual([old, current])
    expect(splitBundle('')).toEqual([])
  })

  it('refuses a bundle with a key in it', () => {
    const { keyPem } = newPair(createAuthority({ commonName: 'a', lifetimeMs: dayMs, now }))
    expect(() => splitBundle(old + keyPem)).toThrow(expect.objectContaining({ code: 'CertificateUnreadable' }))
  })
})
