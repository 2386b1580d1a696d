import { createHash, X509Certificate, type KeyObject } from 'node:crypto'
import { children, readElement, tags, type DerElement } from './der.ts'
import { PkiError } from './pkiError.ts'

/** Extension identifiers, dotted (RFC 5280 §4.2.1). */
export const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

const contextTag = { version: 0xa0, extensions: 0xa3 } as const

/** Reads one certificate. Throws `CertificateUnreadable`. */
export function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new PkiError('CertificateUnreadable', 'there is no certificate that can be read', { cause })
  }
}

/** The DER of the subject: what a certificate issued by this one must repeat, byte for byte, as its issuer. */
export function subjectDer(certificate: X509Certificate): Buffer {
  const fields = tbsFields(certificate)
  const afterVersion = fields[0]?.tag === contextTag.version ? 1 : 0
  const subject = fields[afterVersion + 4]
  if (subject?.tag !== tags.sequence) throw new PkiError('CertificateUnreadable', 'the certificate has no subject')
  return subject.raw
}

/** The value of one extension, or undefined when the certificate does not carry it. */
export function extensionValue(certificate: X509Certificate, id: string): DerElement | undefined {
  const wrapper = tbsFields(certificate).find(({ tag }) => tag === contextTag.extensions)
  const list = wrapper && children(wrapper)[0]
  for (const extension of list ? children(list) : []) {
    const parts = children(extension)
    const [name, value] = [parts[0], parts.at(-1)]
    if (name?.tag !== tags.objectIdentifier || dotted(name.content) !== id) continue
    if (value?.tag === tags.octetString) return readElement(value.content)
  }
  return undefined
}

/** The certificate's key identifier: its own extension, else what this room would write. */
export function keyIdentifierOf(certificate: X509Certificate): Buffer {
  const extension = extensionValue(certificate, extensionIds.subjectKeyIdentifier)
  return extension?.content ?? keyIdentifier(certificate.publicKey)
}

/** Names a public key by the leftmost 160 bits of SHA-256 over its bit string (RFC 7093 §2 method 1: no SHA-1). */
export function keyIdentifier(publicKey: KeyObject): Buffer {
  const bitString = children(readElement(spkiDer(publicKey)))[1]
  if (bitString?.tag !== tags.bitString) throw new PkiError('KeyUnreadable', 'the public key has no bit string')
  return createHash('sha256').update(bitString.content.subarray(1)).digest().subarray(0, 20)
}

/** DER SubjectPublicKeyInfo of a public key. */
export function spkiDer(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' })
}

function tbsFields(certificate: X509Certificate): readonly DerElement[] {
  const tbs = children(readElement(certificate.raw))[0]
  if (!tbs) throw new PkiError('CertificateUnreadable', 'the certificate is empty')
  return children(tbs)
}

function dotted(content: Buffer): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    arcs.push(arc)
    arc = 0
  }
  const [first = 0, ...rest] = arcs
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}
