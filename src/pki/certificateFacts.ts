import { createHash, type X509Certificate } from 'node:crypto'
import type { Usage } from './extensions.ts'
import { extensionIds, extensionValue, spkiDer } from './certificateParts.ts'
import { children } from './der.ts'
import { ipAddressOf } from './names.ts'
import { PkiError } from './pkiError.ts'

/** What one certificate says, as plain data. */
export interface CertificateFacts {
  readonly notBefore: Date
  readonly notAfter: Date
  /** Upper-case hex, as OpenSSL prints it. */
  readonly serial: string
  readonly subject: string
  readonly issuer: string
  readonly dnsNames: readonly string[]
  /** Each in its one spelling: see names.ts. */
  readonly ipAddresses: readonly string[]
  readonly usages: readonly Usage[]
  /** DER SubjectPublicKeyInfo: its SHA-256 is the KES identity. */
  readonly spki: Buffer
  /** Lower-case hex SHA-256 over the whole certificate. */
  readonly fingerprint: string
}

const usageIds: Readonly<Record<string, Usage>> = { '1.3.6.1.5.5.7.3.1': 'server', '1.3.6.1.5.5.7.3.2': 'client' }
const nameTags = { dnsName: 0x82, ipAddress: 0x87 } as const

/** Reads the facts of a certificate. Throws `CertificateUnreadable` when its extensions are not DER or its dates no dates. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    notBefore: dateOf(certificate.validFromDate),
    notAfter: dateOf(certificate.validToDate),
    serial: certificate.serialNumber,
    subject: certificate.subject,
    issuer: certificate.issuer,
    ...alternativeNames(certificate),
    // Node calls the extended key usage `keyUsage`; it is undefined when the extension is not there.
    usages: ((certificate.keyUsage as string[] | undefined) ?? []).flatMap((id) => usageIds[id] ?? []),
    spki: spkiDer(certificate.publicKey),
    fingerprint: fingerprintOf(certificate),
  }
}

/** OpenSSL reads certificates whose dates are none; nothing could be planned by them. */
function dateOf(date: Date): Date {
  if (!Number.isNaN(date.getTime())) return date
  throw new PkiError('CertificateUnreadable', 'the certificate has a date that is none')
}

/** Lower-case hex SHA-256 over the DER of the whole certificate. */
export function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex')
}

// Read from the DER: the text that Node makes of the extension has quoting rules of its own.
function alternativeNames(certificate: X509Certificate): Pick<CertificateFacts, 'dnsNames' | 'ipAddresses'> {
  const extension = extensionValue(certificate, extensionIds.subjectAltName)
  const names = extension ? children(extension) : []
  return {
    dnsNames: names.filter(({ tag }) => tag === nameTags.dnsName).map(({ content }) => content.toString('latin1')),
    ipAddresses: names
      .filter(({ tag }) => tag === nameTags.ipAddress)
      .flatMap(({ content }) => ipAddressOf(content) ?? []),
  }
}
