import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { identityOf, identityOfSpki, isIdentity } from '../../../src/kes/identity.ts'
import { readPair } from '../../../src/pki/pair.ts'
import { dayMs, later, newAuthority, newPair } from '../pki/world.ts'

const authority = newAuthority()
const pair = newPair(authority)

describe('an identity', () => {
  it('is what openssl computes from the public key', () => {
    const command = 'openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -r'
    const printed = execFileSync('sh', ['-c', command], { input: pair.certificatePem, encoding: 'utf8' })
    expect(identityOf(pair.certificatePem)).toBe(printed.slice(0, 64))
  })

  it('is the same from the certificate, its public key and its SPKI', () => {
    const publicPem = createPublicKey(pair.certificatePem).export({ type: 'spki', format: 'pem' }).toString()
    expect(identityOf(publicPem)).toBe(identityOf(pair.certificatePem))
    expect(identityOfSpki(readPair(pair).spki)).toBe(identityOf(pair.certificatePem))
  })

  it('survives a renewal and not a re-key', () => {
    const { key } = readPair(pair)
    const renewed = newPair(newAuthority('another'), {
      key,
      now: later(dayMs),
      commonName: 'renamed',
      dnsNames: ['b.example'],
    })
    expect(identityOf(renewed.certificatePem)).toBe(identityOf(pair.certificatePem))
    expect(identityOf(newPair(authority).certificatePem)).not.toBe(identityOf(pair.certificatePem))
  })

  it('has one form only', () => {
    const identity = identityOf(pair.certificatePem)
    expect(isIdentity(identity)).toBe(true)
    for (const other of [identity.toUpperCase(), identity.slice(1), `${identity}\n`, '_', ''])
      expect(isIdentity(other)).toBe(false)
  })

  it('is not to be had from text', () => {
    expect(() => identityOf('text')).toThrow(expect.objectContaining({ code: 'CertificateUnreadable' }))
  })
})
