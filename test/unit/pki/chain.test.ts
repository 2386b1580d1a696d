import { describe, expect, it } from 'vitest'
import { createAuthority, issue } from '../../../src/pki/authority.ts'
import { writeCertificate } from '../../../src/pki/certificate.ts'
import { keyIdentifierOf, readCertificate, spkiDer, subjectDer } from '../../../src/pki/certificateParts.ts'
import { certificateFacts } from '../../../src/pki/certificateFacts.ts'
import { checkChain, leadsTo } from '../../../src/pki/chain.ts'
import { generatePrivateKey } from '../../../src/pki/privateKey.ts'
import { violation } from '../../../src/pki/renewal.ts'
import { newSerialNumber, systemRandom } from '../../../src/pki/serialNumber.ts'
import { privateKeyPem } from '../../../src/pki/privateKey.ts'
import { createPublicKey } from 'node:crypto'

const now = new Date('2026-06-01T00:00:00Z')
const dayMs = 86_400_000
const root = createAuthority({ commonName: 'company root', lifetimeMs: 3650 * dayMs, now })

/** An authority below another one. */
function below(upper: typeof root, commonName: string): typeof root {
  const key = generatePrivateKey()
  const issuer = readCertificate(upper.certificatePem)
  const certificatePem = writeCertificate({
    subject: { commonName, organizations: [] },
    publicKey: createPublicKey(key),
    issuer: { subjectDer: subjectDer(issuer), keyIdentifier: keyIdentifierOf(issuer) },
    signingKey: upper.key,
    serial: newSerialNumber(systemRandom),
    notBefore: now,
    notAfter: new Date(now.getTime() + 1000 * dayMs),
    profile: { kind: 'authority' },
  })
  return { certificatePem, key }
}

const key = generatePrivateKey()
const wanted = {
  usages: ['server'],
  dnsNames: ['kes-default.kes-system.svc'],
  ipAddresses: [],
  spki: spkiDer(createPublicKey(key)),
} as const
const leafOf = (authority: typeof root, more: object = {}) =>
  issue(authority, {
    commonName: 'kes',
    usages: ['server', 'client'],
    dnsNames: ['kes-default.kes-system.svc', 'further.example'],
    key,
    lifetimeMs: 90 * dayMs,
    now,
    ...more,
  })
const intermediate = below(root, 'issuing')

describe('a chain that somebody else issued', () => {
  it('is taken with the leaf first and without its root, whatever the order it came in', () => {
    const leaf = leafOf(intermediate)
    for (const beside of [
      [intermediate.certificatePem],
      [root.certificatePem, intermediate.certificatePem],
      [intermediate.certificatePem, root.certificatePem],
    ]) {
      const chain = checkChain({ chainPem: leaf + beside.join(''), authorityPem: root.certificatePem }, wanted, now)
      expect(chain).toEqual({ certificatePem: leaf + intermediate.certificatePem, authorityPem: root.certificatePem })
    }
  })

  it('may come without a named authority where its root stands at its end', () => {
    const chain = checkChain({ chainPem: leafOf(root) + root.certificatePem, authorityPem: '' }, wanted, now)
    expect(chain.authorityPem).toBe(root.certificatePem)
  })

  const other = createAuthority({ commonName: 'company root', lifetimeMs: 3650 * dayMs, now })
  it.each<[string, string, string, RegExp]>([
    ['no authority is named', leafOf(intermediate) + intermediate.certificatePem, '', /names no authority/],
    ['a link is missing', leafOf(intermediate), root.certificatePem, /does not lead/],
    ['another root of the same name', leafOf(root), other.certificatePem, /does not lead/],
    ['two leaves', leafOf(root) + leafOf(root), root.certificatePem, /second leaf/],
    ['an authority first', intermediate.certificatePem, root.certificatePem, /CA:TRUE/],
    ['another key', leafOf(root, { key: generatePrivateKey() }), root.certificatePem, /another key/],
    ['another name', leafOf(root, { dnsNames: ['further.example'] }), root.certificatePem, /does not name kes-default/],
    ['another use', leafOf(root, { usages: ['client'] }), root.certificatePem, /not good for a server/],
    ['hardly any time left', leafOf(root, { lifetimeMs: 30 * 60_000 }), root.certificatePem, /within the hour/],
    ['nothing', '', root.certificatePem, /no certificate/],
  ])('is refused: %s', (_what, chainPem, authorityPem, sentence) => {
    expect(() => checkChain({ chainPem, authorityPem }, wanted, now)).toThrow(sentence)
  })

  it('does not run in circles', () => {
    const circle = readCertificate(leafOf(intermediate))
    expect(leadsTo(circle, [readCertificate(intermediate.certificatePem)], readCertificate(other.certificatePem))).toBe(
      false,
    )
  })

  it('needs no renewal for what its issuer chose, and one when its time comes', () => {
    const pair = { certificatePem: leafOf(intermediate) + intermediate.certificatePem, keyPem: privateKeyPem(key) }
    const asked = {
      ...wanted,
      authorityPem: root.certificatePem,
      lifetimeMs: 7 * dayMs,
      renewAt: 0.667,
      jitterSeed: 'x',
      elsewhere: true,
    }
    expect(violation(pair, asked, now)).toBeUndefined()
    expect(violation(pair, { ...asked, elsewhere: false }, now)?.reason).toBe('UsageDiffers')
    expect(violation(pair, { ...asked, authorityPem: other.certificatePem }, now)?.reason).toBe('IssuerDiffers')
    const late = new Date(certificateFacts(readCertificate(pair.certificatePem)).notAfter.getTime() - dayMs)
    expect(violation(pair, asked, late)?.reason).toBe('RenewalDue')
  })
})
