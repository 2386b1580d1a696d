import { createHash, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readPair } from '../../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { dayMs, later, newAuthority, newPair } from './world.ts'

const authority = newAuthority()
const good = newPair(authority, { ipAddresses: ['10.1.2.3', 'FD00:0::1'], dnsNames: ['KES.example', '*.kes.example'] })

describe('reading a pair', () => {
  it('tells what the certificate says', () => {
    const certificate = new X509Certificate(good.certificatePem)
    expect(readPair(good)).toMatchObject({
      notBefore: later(-5 * 60_000),
      notAfter: later(90 * dayMs),
      serial: certificate.serialNumber,
      subject: 'CN=kes',
      issuer: 'CN=authority',
      dnsNames: ['kes.example', '*.kes.example'],
      ipAddresses: ['10.1.2.3', 'fd00::1'],
      usages: ['server'],
      spki: certificate.publicKey.export({ type: 'spki', format: 'der' }),
      fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    })
  })

  it('accepts the authority behind the leaf', () => {
    const certificatePem = good.certificatePem + authority.certificatePem
    expect(readPair({ ...good, certificatePem }).fingerprint).toBe(readPair(good).fingerprint)
  })

  it.each([
    ['a key of another', { keyPem: privateKeyPem(generatePrivateKey()) }, 'KeyMismatch'],
    ['an empty key file, which crashes MinIO', { keyPem: '' }, 'KeyUnreadable'],
    ['key and certificate in one file', { keyPem: good.keyPem + good.certificatePem }, 'KeyUnreadable'],
    ['no certificate', { certificatePem: '' }, 'CertificateUnreadable'],
    ['a key among the certificates', { certificatePem: good.certificatePem + good.keyPem }, 'CertificateUnreadable'],
    ['an authority as leaf', { certificatePem: authority.certificatePem }, 'CertificateUnreadable'],
    [
      'two leaves',
      { certificatePem: good.certificatePem + newPair(authority).certificatePem },
      'CertificateUnreadable',
    ],
    ['half a certificate', { certificatePem: good.certificatePem.slice(0, 300) }, 'PemInvalid'],
  ])('refuses %s', (_what, change, code) => {
    expect(() => readPair({ ...good, ...change })).toThrow(expect.objectContaining({ code }))
  })
})
