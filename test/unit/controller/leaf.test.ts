import { describe, expect, it } from 'vitest'
import { broken, found, missing } from '../../../src/controller/found.ts'
import { issueLeaf } from '../../../src/controller/leaf.ts'
import { identityOf } from '../../../src/kes/identity.ts'
import { readPair } from '../../../src/pki/pair.ts'
import { after, dayMs, newAuthority, storedLeaf } from './pairs.ts'

const authority = newAuthority()
const stored = storedLeaf(authority)
const request = {
  commonName: 'kes-injector client',
  usages: ['client'],
  lifetimeMs: 90 * dayMs,
  now: after(60 * dayMs),
} as const

describe('issuing a leaf', () => {
  it('keeps the key that is there, to the byte, and with it the identity', () => {
    const renewed = issueLeaf(authority, found(stored), request)
    expect(renewed.keyPem).toBe(stored.pem.keyPem)
    expect(identityOf(renewed.certificatePem)).toBe(identityOf(stored.pem.certificatePem))
    expect(readPair(renewed).notAfter).toEqual(after(150 * dayMs))
  })

  it('keeps it under another authority, too', () => {
    const renewed = issueLeaf(newAuthority(), found(stored), request)
    expect(readPair(renewed).spki).toEqual(stored.spki)
  })

  it.each([
    ['missing', missing],
    ['broken', broken('KeyMismatch')],
  ])('makes a key where it is %s, and a pair that fits', (_what, none) => {
    const [one, other] = [issueLeaf(authority, none, request), issueLeaf(authority, none, request)]
    expect(readPair(one).spki).not.toEqual(stored.spki)
    expect(readPair(one).spki).not.toEqual(readPair(other).spki)
  })
})
