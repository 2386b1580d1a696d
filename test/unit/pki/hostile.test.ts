import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeBundles } from '../../../src/pki/bundle.ts'
import { readPair } from '../../../src/pki/pair.ts'
import { toPem } from '../../../src/pki/pem.ts'
import { PkiError } from '../../../src/pki/pkiError.ts'
import { renewalTime, violation, type ViolationReason } from '../../../src/pki/renewal.ts'
import { dayMs, newAuthority, newPair, now } from './world.ts'

const authority = newAuthority()
const good = newPair(authority, { ipAddresses: ['10.1.2.3'], organizations: ['one'] })
const der = new X509Certificate(good.certificatePem).raw
const byte = fc.record({ at: fc.nat(der.length - 1), to: fc.nat(255) })

/** A good certificate with up to four bytes changed. */
const damaged = fc.array(byte, { minLength: 1, maxLength: 4 }).map((changes) => {
  const copy = Buffer.from(der)
  for (const { at, to } of changes) copy.writeUInt8(to, at)
  return toPem('CERTIFICATE', copy)
})

function onlyOwnErrors(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof PkiError)) throw error
  }
}

describe('a damaged certificate', () => {
  it('is read or refused with an error of this room', () => {
    fc.assert(
      fc.property(damaged, (certificatePem) => {
        onlyOwnErrors(() => renewalTime(readPair({ ...good, certificatePem }), 2 / 3, '').toISOString())
        onlyOwnErrors(() => mergeBundles([certificatePem], now))
      }),
      { numRuns: 5_000 },
    )
  })

  it('is never an exception of the renewal rule, and never taken for a good one', () => {
    const wanted = {
      usages: ['server' as const],
      dnsNames: ['kes.example'],
      ipAddresses: ['10.1.2.3'],
      authorityPem: authority.certificatePem,
      lifetimeMs: 90 * dayMs,
      renewAt: 2 / 3,
      jitterSeed: '',
    }
    expect(violation(good, wanted, now)).toBeUndefined()
    const seen = new Set<ViolationReason | undefined>()
    fc.assert(
      fc.property(damaged, (certificatePem) => {
        fc.pre(certificatePem !== good.certificatePem)
        const reason = violation({ ...good, certificatePem }, wanted, now)?.reason
        seen.add(reason)
        expect(reason).toBeDefined()
      }),
      { numRuns: 3_000 },
    )
    expect(seen).toContain('Unreadable')
    expect(seen).toContain('IssuerDiffers')
  })
})

describe('any text', () => {
  it('is no pair and no bundle, and no exception of another kind', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ maxLength: 100 }),
        (certificatePem, keyPem) => {
          onlyOwnErrors(() => readPair({ certificatePem, keyPem }))
          onlyOwnErrors(() => mergeBundles([certificatePem, keyPem], now))
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
