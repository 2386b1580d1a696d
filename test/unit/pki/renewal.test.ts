import { describe, expect, it } from 'vitest'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { renewalTime, violation, violationReasons, type WantedCertificate } from '../../../src/pki/renewal.ts'
import { dayMs, later, newAuthority, newPair, now } from './world.ts'

const authority = newAuthority()
const wanted: WantedCertificate = {
  usages: ['server'],
  dnsNames: ['KES.example'],
  ipAddresses: [],
  authorityPem: authority.certificatePem,
  lifetimeMs: 90 * dayMs,
  renewAt: 2 / 3,
  jitterSeed: 'namespace/name',
}
const settled = newPair(authority)
const reason = (change: Partial<WantedCertificate>, current = settled, at = now) =>
  violation(current, { ...wanted, ...change }, at)?.reason

describe('the time of renewal', () => {
  const life = { notBefore: now, notAfter: later(90 * dayMs) }

  it('lies within 5 % of the lifetime around the fraction, the same for the same seed', () => {
    const days = Array.from(
      { length: 200 },
      (_, seed) => (renewalTime(life, 2 / 3, String(seed)).getTime() - now.getTime()) / dayMs,
    )
    expect(Math.min(...days)).toBeGreaterThanOrEqual(55.5)
    expect(Math.max(...days)).toBeLessThanOrEqual(64.5)
    expect(Math.max(...days) - Math.min(...days)).toBeGreaterThan(7)
    expect(renewalTime(life, 2 / 3, 'a')).toEqual(renewalTime(life, 2 / 3, 'a'))
  })

  it('lies within the lifetime for every fraction', () => {
    for (const fraction of [0.001, 0.5, 0.999]) {
      for (let seed = 0; seed < 50; seed += 1) {
        const at = renewalTime(life, fraction, String(seed))
        expect(at >= life.notBefore && at < life.notAfter).toBe(true)
      }
    }
  })

  it.each([0, 1, -1, Number.NaN])('refuses the fraction %d', (fraction) => {
    expect(() => renewalTime(life, fraction, '')).toThrow(expect.objectContaining({ code: 'LifetimeInvalid' }))
  })
})

describe('what is wrong with a certificate', () => {
  it('is nothing when it is the wanted one', () => {
    expect(violation(settled, wanted, now)).toBeUndefined()
  })

  it('is that it is missing, or cannot be read', () => {
    expect(violation(undefined, wanted, now)).toEqual({ reason: 'Missing', message: violationReasons.Missing })
    expect(reason({}, { ...settled, keyPem: '' })).toBe('Unreadable')
    expect(reason({}, { ...settled, certificatePem: 'text' })).toBe('Unreadable')
    expect(reason({}, { ...settled, keyPem: privateKeyPem(generatePrivateKey()) })).toBe('KeyMismatch')
  })

  it('is its time: first for renewal, then its end', () => {
    const renewal = renewalTime(
      { notBefore: later(-5 * 60_000), notAfter: later(90 * dayMs) },
      2 / 3,
      wanted.jitterSeed,
    )
    expect(reason({}, settled, new Date(renewal.getTime() - 1))).toBeUndefined()
    expect(reason({}, settled, renewal)).toBe('RenewalDue')
    expect(reason({}, settled, later(90 * dayMs))).toBe('Expired')
  })

  it('is never a clock that went back', () => {
    expect(reason({}, settled, later(-400 * dayMs))).toBeUndefined()
  })

  it('is a difference in names, whatever their spelling and order', () => {
    const both = newPair(authority, { dnsNames: ['a.example', 'b.example'], ipAddresses: ['fd00::1'] })
    const names = { dnsNames: ['B.example', 'a.example'], ipAddresses: ['FD00:0:0::1'] }
    expect(reason(names, both)).toBeUndefined()
    expect(reason({ ...names, ipAddresses: [] }, both)).toBe('NamesDiffer')
    expect(reason({ ...names, dnsNames: ['a.example'] }, both)).toBe('NamesDiffer')
  })

  it('is a difference in uses', () => {
    expect(reason({ usages: ['server', 'client'] })).toBe('UsageDiffers')
    expect(reason({ usages: ['client'] })).toBe('UsageDiffers')
  })

  it('is another authority, one of the same name included', () => {
    expect(reason({ authorityPem: newAuthority().certificatePem })).toBe('IssuerDiffers')
  })

  it('is another lifetime, but not a leaf that ends with its authority', () => {
    expect(reason({ lifetimeMs: 30 * dayMs })).toBe('DurationDiffers')
    expect(reason({ lifetimeMs: 120 * dayMs })).toBe('DurationDiffers')
    const short = newAuthority('short', 10 * dayMs)
    expect(reason({ authorityPem: short.certificatePem }, newPair(short))).toBeUndefined()
  })

  it('is told by the first rule that has something to say', () => {
    expect(reason({ usages: ['client'], dnsNames: [] }, settled, later(91 * dayMs))).toBe('Expired')
  })
})
