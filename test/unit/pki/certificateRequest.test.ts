import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { writeCertificateRequest } from '../../../src/pki/certificateRequest.ts'
import { generatePrivateKey } from '../../../src/pki/privateKey.ts'
import { openssl } from './openssl.ts'

const key = generatePrivateKey()
const wanted = {
  commonName: 'kes-injector key server',
  organizations: ['team-a'],
  usages: ['server'],
  dnsNames: ['kes-default.kes-system.svc'],
  ipAddresses: ['127.0.0.1'],
  key,
} as const
const read = (pem: string) =>
  openssl({ authorityPem: '', leafPem: pem }, 'req', '-in', '@leaf', '-verify', '-noout', '-text')

describe('a request for a certificate', () => {
  it('is one that openssl reads and whose signature it confirms', () => {
    const text = read(writeCertificateRequest(wanted))
    expect(text).toMatch(/Subject: O ?= ?team-a, CN ?= ?kes-injector key server/)
    expect(text).toContain('DNS:kes-default.kes-system.svc, IP Address:127.0.0.1')
    expect(text).toContain('TLS Web Server Authentication')
    expect(text).toContain('Digital Signature')
    expect(text).toContain('ecdsa-with-SHA256')
  })

  it('names nothing where nothing is to be named', () => {
    const pem = writeCertificateRequest({ ...wanted, usages: ['client'], dnsNames: [], ipAddresses: [] })
    expect(read(pem)).not.toContain('Subject Alternative Name')
    expect(read(pem)).toContain('TLS Web Client Authentication')
  })

  it('holds the public half of the key and nothing of the private one', () => {
    const pem = writeCertificateRequest(wanted)
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    const secret = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
    expect(der.includes(secret)).toBe(false)
  })

  it('refuses names that no certificate can have', () => {
    expect(() => writeCertificateRequest({ ...wanted, dnsNames: ['not a name'] })).toThrow(/is not a DNS name/)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(() => writeCertificateRequest({ ...wanted, commonName: '', key: privateKey })).toThrow(/subject/)
  })
})
