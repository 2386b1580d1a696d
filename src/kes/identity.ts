import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { PkiError } from '../pki/pkiError.ts'

/**
 * The identity under which KES knows a caller: lower-case hex SHA-256 of the DER SubjectPublicKeyInfo (KES `auth.go`).
 * Subject, serial, issuer, names and dates play no part, so renewing with the same key keeps it.
 *
 * Takes a certificate or a public key, PEM. Throws PkiError `CertificateUnreadable`.
 */
export function identityOf(publicKeyOrCertificatePem: string): string {
  return identityOfSpki(publicKeyOf(publicKeyOrCertificatePem).export({ type: 'spki', format: 'der' }))
}

/** The same from the DER SubjectPublicKeyInfo itself. */
export function identityOfSpki(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex')
}

/** Whether a text has the form of an identity. */
export function isIdentity(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

function publicKeyOf(pem: string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (cause) {
    throw new PkiError('CertificateUnreadable', 'there is no certificate or public key that can be read', { cause })
  }
}
