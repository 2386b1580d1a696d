import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAuthority, issue, loadAuthority, type LeafRequest } from '../../../src/pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { openssl } from './openssl.ts'
import { dayMs, later, newAuthority, newPair, now } from './world.ts'

const authority = newAuthority()
const root = new X509Certificate(authority.certificatePem)
const verifyAt = String(now.getTime() / 1000)

const kinds: readonly {
  readonly what: string
  readonly request: Partial<LeafRequest>
  readonly checks: readonly string[]
}[] = [
  { what: 'a server by DNS name', request: {}, checks: ['-purpose', 'sslserver', '-verify_hostname', 'kes.example'] },
  {
    what: 'a server by wildcard',
    request: { dnsNames: ['*.kes.example'] },
    checks: ['-purpose', 'sslserver', '-verify_hostname', 'one.kes.example'],
  },
  {
    what: 'a server by IPv4 address',
    request: { dnsNames: [], ipAddresses: ['10.1.2.3'] },
    checks: ['-purpose', 'sslserver', '-verify_ip', '10.1.2.3'],
  },
  {
    what: 'a server by IPv6 address',
    request: { dnsNames: [], ipAddresses: ['FD00:0:0::1:2'] },
    checks: ['-purpose', 'sslserver', '-verify_ip', 'fd00::1:2'],
  },
  {
    what: 'a client without names',
    request: { usages: ['client'], dnsNames: [] },
    checks: ['-purpose', 'sslclient'],
  },
  {
    what: 'a client with organisations',
    request: { usages: ['client'], dnsNames: [], commonName: 'Zoë', organizations: ['system:masters', 'two'] },
    checks: ['-purpose', 'sslclient'],
  },
  {
    what: 'both uses',
    request: { usages: ['server', 'client'] },
    checks: ['-purpose', 'sslserver', '-verify_hostname', 'kes.example'],
  },
]

describe('issuing', () => {
  for (const { what, request, checks } of kinds) {
    it(`makes ${what} that strict verifiers accept`, () => {
      const pair = newPair(authority, request)
      const files = { authorityPem: authority.certificatePem, leafPem: pair.certificatePem }
      const strict = ['verify', '-x509_strict', '-attime', verifyAt, '-CAfile', '@ca', ...checks, '@leaf']
      expect(openssl(files, ...strict)).toContain('OK')
      const leaf = new X509Certificate(pair.certificatePem)
      expect(leaf.ca).toBe(false)
      expect(leaf.checkIssued(root)).toBe(true)
      expect(leaf.verify(root.publicKey)).toBe(true)
    })
  }

  it('is refused for another purpose or another host', () => {
    const leafPem = newPair(authority, { usages: ['client'], dnsNames: ['kes.example'] }).certificatePem
    const files = { authorityPem: authority.certificatePem, leafPem }
    const verify = ['verify', '-x509_strict', '-attime', verifyAt, '-CAfile', '@ca']
    expect(() => openssl(files, ...verify, '-purpose', 'sslserver', '@leaf')).toThrow('certificate purpose')
    expect(() => openssl(files, ...verify, '-verify_hostname', 'other.example', '@leaf')).toThrow('hostname mismatch')
  })

  it('makes a root that strict verifiers accept, with no room for a further authority', () => {
    const files = { authorityPem: authority.certificatePem, leafPem: authority.certificatePem }
    expect(openssl(files, 'verify', '-x509_strict', '-attime', verifyAt, '-CAfile', '@ca', '@leaf')).toContain('OK')
    const printed = openssl(files, 'x509', '-in', '@leaf', '-noout', '-text')
    expect(printed).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
    expect(printed).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\s/)
    expect(printed).toContain('ecdsa-with-SHA256')
    expect(root.ca).toBe(true)
    expect(root.checkPrivateKey(authority.key)).toBe(true)
  })

  it('writes the profile of a leaf: no authority, one key usage, names where clients look', () => {
    const leafPem = newPair(authority, { organizations: ['one', 'two'], ipAddresses: ['10.1.2.3'] }).certificatePem
    const files = { authorityPem: authority.certificatePem, leafPem }
    const printed = openssl(files, 'x509', '-in', '@leaf', '-noout', '-text')
    expect(printed).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
    expect(printed).toMatch(/Key Usage: critical\s+Digital Signature\s/)
    expect(printed).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\s/)
    expect(printed).toMatch(/Alternative Name: \s+DNS:kes.example, IP Address:10.1.2.3\s/)
    expect(printed).toMatch(/Subject: O = one, O = two, CN = kes/)
    const [subjectKey] =
      openssl(files, 'x509', '-in', '@ca', '-noout', '-ext', 'subjectKeyIdentifier').match(
        /([0-9A-F]{2}:){19}[0-9A-F]{2}/,
      ) ?? []
    expect(openssl(files, 'x509', '-in', '@leaf', '-noout', '-ext', 'authorityKeyIdentifier')).toContain(subjectKey)
  })

  it('begins five minutes ago and never before its authority', () => {
    const old = new X509Certificate(issueAt(later(30 * dayMs)))
    expect(old.validFromDate).toEqual(later(30 * dayMs - 5 * 60_000))
    const young = new X509Certificate(issueAt(later(-4 * 60_000)))
    expect(young.validFromDate).toEqual(root.validFromDate)
  })

  it('never outlives its authority, and stops when that has less than an hour left', () => {
    const short = newAuthority('short', 10 * dayMs)
    const leaf = new X509Certificate(newPair(short).certificatePem)
    expect(leaf.validToDate).toEqual(later(10 * dayMs))
    expect(() => newPair(short, { now: later(10 * dayMs - 59 * 60_000) })).toThrow(
      expect.objectContaining({ code: 'AuthorityExpiring' }),
    )
    expect(() => newPair(short, { now: later(-dayMs) })).toThrow(expect.objectContaining({ code: 'AuthorityExpiring' }))
  })

  it('keeps the key, and so the identity, when the same key is given again', () => {
    const key = generatePrivateKey()
    const [one, two] = [newPair(authority, { key }), newPair(authority, { key, now: later(dayMs) })]
    const [first, second] = [new X509Certificate(one.certificatePem), new X509Certificate(two.certificatePem)]
    expect(first.publicKey.equals(second.publicKey)).toBe(true)
    expect(first.serialNumber).not.toBe(second.serialNumber)
    expect(first.checkPrivateKey(key)).toBe(true)
  })

  it('writes years from 2050 on as verifiers expect them', () => {
    const far = newAuthority('far', 100 * 365 * dayMs)
    const files = { authorityPem: far.certificatePem, leafPem: far.certificatePem }
    expect(openssl(files, 'x509', '-in', '@leaf', '-noout', '-enddate')).toContain('2126')
    expect(openssl(files, 'verify', '-x509_strict', '-attime', verifyAt, '-CAfile', '@ca', '@leaf')).toContain('OK')
  })

  it.each<[string, Partial<LeafRequest>, string]>([
    ['no usage', { usages: [] }, 'NameInvalid'],
    ['a server without a name', { dnsNames: [] }, 'NameInvalid'],
    ['an empty common name', { commonName: ' ' }, 'NameInvalid'],
    ['a common name that is too long', { commonName: 'x'.repeat(65) }, 'NameInvalid'],
    ['a control character', { organizations: ['a\nb'] }, 'NameInvalid'],
    ['a host that is none', { dnsNames: ['a b'] }, 'NameInvalid'],
    ['an address among the hosts', { dnsNames: ['10.0.0.1'] }, 'NameInvalid'],
    ['a host among the addresses', { ipAddresses: ['kes.example'] }, 'NameInvalid'],
    ['an address with a zone', { ipAddresses: ['fe80::1%eth0'] }, 'NameInvalid'],
    ['no lifetime', { lifetimeMs: Number.NaN }, 'LifetimeInvalid'],
    ['a lifetime of seconds', { lifetimeMs: 59_000 }, 'LifetimeInvalid'],
  ])('refuses %s', (_what, request, code) => {
    expect(() => newPair(authority, request)).toThrow(expect.objectContaining({ code }))
  })

  const issueAt = (at: Date): string =>
    issue(authority, { commonName: 'kes', usages: ['client'], key: generatePrivateKey(), lifetimeMs: dayMs, now: at })
})

describe('loading an authority', () => {
  it('gives back what was created', () => {
    const loaded = loadAuthority(authority.certificatePem, privateKeyPem(authority.key))
    const leaf = new X509Certificate(newPair(loaded).certificatePem)
    expect(leaf.verify(root.publicKey)).toBe(true)
  })

  it('refuses the key of another, a leaf, and text', () => {
    const other = createAuthority({ commonName: 'authority', lifetimeMs: dayMs, now })
    const leaf = newPair(authority)
    const load = (certificatePem: string, keyPem: string) => () => loadAuthority(certificatePem, keyPem)
    expect(load(authority.certificatePem, privateKeyPem(other.key))).toThrow(
      expect.objectContaining({ code: 'KeyMismatch' }),
    )
    expect(load(leaf.certificatePem, leaf.keyPem)).toThrow(expect.objectContaining({ code: 'NotAnAuthority' }))
    expect(load('text', leaf.keyPem)).toThrow(expect.objectContaining({ code: 'CertificateUnreadable' }))
    expect(load(authority.certificatePem, 'text')).toThrow(expect.objectContaining({ code: 'KeyUnreadable' }))
  })
})
