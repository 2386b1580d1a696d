import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { onlyIdentity } from '../../../certs-scripts/inspecting/identities.ts'
import { inspect, type Finding } from '../../../certs-scripts/inspecting/inspect.ts'
import { problems } from '../../../certs-scripts/inspecting/problems.ts'
import { distance, reportText } from '../../../certs-scripts/inspecting/report.ts'
import { entriesIn } from '../../../certs-scripts/reading/entries.ts'
import { identityOf } from '../../../src/kes/identity.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { readCertificate } from '../../../src/pki/certificateParts.ts'
import { toPem } from '../../../src/pki/pem.ts'
import { privateKeyPem } from '../../../src/pki/privateKey.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { dayMs, later, newAuthority, newPair, now, secretYaml } from './world.ts'

const authority = newAuthority()
const pair = newPair(authority)
const other = newPair(authority)
const kesSecret = (changes: Readonly<Record<string, string>> = {}): string =>
  secretYaml('kes-client', {
    'tls.crt': pair.certificatePem,
    'tls.key': pair.keyPem,
    'ca.crt': authority.certificatePem,
    ...changes,
  })

const inspected = (text: string, at = now, ca: readonly string[] = []): readonly Finding[] =>
  inspect(entriesIn('file', text), ca.map(readCertificate), at)
const codes = (findings: readonly Finding[]): readonly string[] =>
  findings.flatMap((each) => each.problems.map(({ code }) => code))

describe('a pair as it should be', () => {
  it('has no problem, in a Secret', () => {
    const findings = inspected(kesSecret())
    expect(codes(findings)).toEqual([])
    expect(findings).toMatchObject([
      {
        kind: 'certificate',
        place: 'Secret minio-a/kes-client, tls.crt',
        role: 'client',
        subject: 'CN=minio',
        identity: identityOf(pair.certificatePem),
        key: 'Secret minio-a/kes-client, tls.key',
        chain: 'complete',
        path: ['CN=authority'],
        endsInMs: 90 * dayMs,
      },
      {
        kind: 'key',
        algorithm: 'EC prime256v1',
        identity: pair.identity,
        certificates: ['Secret minio-a/kes-client, tls.crt'],
      },
      { kind: 'certificate', role: 'authority', chain: 'root', identity: undefined },
    ])
  })

  it('has no problem in two files, and matches across them', () => {
    const entries = [...entriesIn('a.crt', pair.certificatePem), ...entriesIn('a.key', pair.keyPem)]
    const findings = inspect(entries, [readCertificate(authority.certificatePem)], now)
    expect(codes(findings)).toEqual([])
    expect(findings).toMatchObject([{ key: 'a.key', chain: 'complete' }, { certificates: ['a.crt'] }])
  })

  it('does not match across two Secrets', () => {
    const two = `${secretYaml('one', { 'tls.crt': pair.certificatePem })}---\n${secretYaml('two', { 'tls.key': pair.keyPem })}`
    expect(inspected(two)).toMatchObject([{ key: undefined, chain: 'unknown' }, { certificates: [] }])
  })

  it('of a server tells its names', () => {
    const server = newPair(authority, { usage: 'server', dnsNames: ['kes.example'], ipAddresses: ['10.0.0.7'] })
    expect(inspected(server.certificatePem)).toMatchObject([
      { role: 'server', dnsNames: ['kes.example'], ipAddresses: ['10.0.0.7'], problems: [] },
    ])
  })

  it('of an authority is known as one', () => {
    const own = { 'tls.crt': authority.certificatePem, 'tls.key': privateKeyPem(authority.key) }
    expect(codes(inspected(secretYaml('authority', own)))).toEqual([])
  })

  it('beside an unseal key leaves that unsaid', () => {
    const key = newUnsealKey(systemRandom)
    const findings = inspected(secretYaml('unseal', { key }, 'Opaque'))
    expect(findings).toMatchObject([{ kind: 'entry', holds: 'unseal key', problems: [] }])
    expect(JSON.stringify(findings) + reportText(findings)).not.toContain(key)
  })
})

describe('what is not as it should be', () => {
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const sec1 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'sec1', format: 'pem' })
    .toString()
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
  const encrypted = rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()
  const oldEncrypted = rsa.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString()

  it.each<readonly [string, string]>([
    ['KeyEmpty', kesSecret({ 'tls.key': '' })],
    ['KeyEmpty', secretYaml('kes-minio', { 'private.key': '\n' }, 'Opaque')],
    ['KeyUnreadable', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['KeyEncrypted', encrypted],
    ['KeyEncrypted', oldEncrypted],
    ['KeyParameters', parameters + sec1],
    ['KeyNotAlone', pair.keyPem + other.keyPem],
    ['KeyDiffers', kesSecret({ 'tls.key': other.keyPem })],
    ['KeyDiffers', secretYaml('authority', { 'tls.crt': authority.certificatePem, 'tls.key': other.keyPem })],
    ['CertificateUnreadable', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    ['PemBroken', '-----BEGIN CERTIFICATE-----\nAAAA\n'],
    ['TwoLeaves', kesSecret({ 'tls.crt': pair.certificatePem + other.certificatePem })],
    ['DoesNotChain', kesSecret({ 'ca.crt': newAuthority().certificatePem })],
    ['KeyInCertificate', pair.certificatePem + pair.keyPem],
  ])('is said: %s', (code, text) => {
    expect(codes(inspected(text))).toContain(code)
  })

  it('is said of time: not yet, due, over', () => {
    const at = (ms: number) => codes(inspected(pair.certificatePem, later(ms)))
    expect(at(-6 * 60_000)).toEqual(['NotYetValid'])
    expect(at(59 * dayMs)).toEqual([])
    expect(at(61 * dayMs)).toEqual(['RenewalDue'])
    expect(at(90 * dayMs)).toEqual(['Ended'])
  })

  it('is said where --ca is another authority than the one that lies beside it', () => {
    const foreign = newAuthority('authority')
    expect(codes(inspected(kesSecret(), now, [foreign.certificatePem]))).toEqual(['DoesNotChain'])
    expect(codes(inspected(kesSecret(), now, [foreign.certificatePem, authority.certificatePem]))).toEqual([])
  })

  it('is a finding and never a crash, whatever bytes stand in a certificate or key', () => {
    const ders = [pair.certificatePem, authority.certificatePem, pair.keyPem].map((pem) => ({
      label: /BEGIN ([A-Z ]+)-/.exec(pem)?.[1] ?? '',
      bytes: Buffer.from(pem.replaceAll(/-----.*-----/g, ''), 'base64'),
    }))
    const damage = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.constantFrom(...ders), damage, ({ label, bytes }, changes) => {
        const damaged = Buffer.from(bytes)
        for (const { at, to } of changes) damaged[at % damaged.length] = to
        const findings = inspected(toPem(label, damaged) + authority.certificatePem)
        expect(findings.length).toBeGreaterThan(0)
        expect(reportText(findings)).not.toMatch(/undefined|Invalid Date|NaN/)
      }),
      { numRuns: 500 },
    )
  })

  it('is no secret in what is printed', () => {
    const texts = [encrypted, sec1 + parameters, kesSecret({ 'tls.key': other.keyPem }), pair.keyPem + other.keyPem]
    const lines = [sec1, pair.keyPem, other.keyPem].flatMap((pem) =>
      pem.split('\n').filter((line) => /^[A-Za-z0-9+/=]{20,}$/.test(line)),
    )
    const printed = texts.flatMap((text) => [reportText(inspected(text)), JSON.stringify(inspected(text))]).join()
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.filter((line) => printed.includes(line))).toEqual([])
  })
})

describe('the one identity', () => {
  it.each([
    ['a certificate', pair.certificatePem],
    ['a key', pair.keyPem],
    ['a certificate with its chain', pair.certificatePem + authority.certificatePem],
    ['a Secret', kesSecret()],
  ])('is that of %s', (_, text) => {
    expect(onlyIdentity(inspected(text), 'file')).toBe(pair.identity)
  })

  it.each([
    ['there is more than one', pair.keyPem + other.keyPem, 'holds 2 different identities'],
    ['there are only authorities', authority.certificatePem, 'KES gives those no identity'],
    ['there is none', 'nothing', 'holds no certificate and no key'],
  ])('is refused where %s', (_, text, why) => {
    expect(() => onlyIdentity(inspected(text), 'file')).toThrow(why)
  })
})

describe('the report', () => {
  it('tells how long it still is, in whole units', () => {
    expect(distance(89.9 * dayMs)).toBe('in 89 days')
    expect(distance(-3 * 3_600_000)).toBe('3 hours ago')
    expect(distance(47 * 3_600_000)).toBe('in 47 hours')
    expect(distance(60_000)).toBe('in 1 minutes')
  })

  it('counts errors and warnings and marks them differently', () => {
    const report = reportText(inspected(kesSecret({ 'tls.key': other.keyPem }), later(61 * dayMs)))
    expect(report).toContain('  !! KeyDiffers: ')
    expect(report).toContain('   ! RenewalDue: ')
    expect(report).toContain('1 error, 1 warning\n')
  })

  it('lets no name steer the terminal', () => {
    const [finding] = inspected(pair.certificatePem)
    if (finding?.kind !== 'certificate') throw new Error('no certificate')
    expect(reportText([{ ...finding, subject: 'CN=\u001b[2Jx', place: 'a\u202eb' }])).not.toMatch(/[\u001b\u202e]/u)
  })

  it('knows a sentence for every problem', () => {
    for (const [severity, message] of Object.values(problems)) {
      expect(['error', 'warning']).toContain(severity)
      expect(message.length).toBeGreaterThan(10)
    }
  })
})
