import type { KeyObject, X509Certificate } from 'node:crypto'
import { certificateFacts, type CertificateFacts } from './certificateFacts.ts'
import { readCertificate } from './certificateParts.ts'
import { pemBlocks } from './pem.ts'
import { PkiError } from './pkiError.ts'
import { parsePrivateKey } from './privateKey.ts'

/** `tls.crt` and `tls.key` of a Secret, as they lie there. */
export interface PairPem {
  readonly certificatePem: string
  readonly keyPem: string
}

/** A leaf and its key that have been checked against each other. */
export interface Pair extends CertificateFacts {
  readonly key: KeyObject
  readonly certificate: X509Certificate
}

/**
 * Reads a leaf with its key, as strictly as the strictest of the programs that will read it: exactly one key block
 * (MinIO), a leaf that is CA:FALSE, and after it nothing but authorities (KES answers 400 to two leaves in a chain).
 *
 * Throws `KeyUnreadable`, `CertificateUnreadable`, `PemInvalid` or `KeyMismatch`.
 */
export function readPair({ certificatePem, keyPem }: PairPem): Pair {
  const [certificate, ...chain] = certificatesIn(certificatePem)
  if (!certificate) throw new PkiError('CertificateUnreadable', 'there is no certificate')
  if (certificate.ca) throw new PkiError('CertificateUnreadable', 'the first certificate is an authority, not a leaf')
  if (chain.some(({ ca }) => !ca)) {
    throw new PkiError('CertificateUnreadable', 'the chain holds a second leaf: KES would refuse it')
  }
  const key = parsePrivateKey(keyPem)
  if (!certificate.checkPrivateKey(key)) {
    throw new PkiError('KeyMismatch', 'the key does not belong to the certificate')
  }
  return { ...certificateFacts(certificate), key, certificate }
}

/** Reads every certificate of a text in which nothing but certificates may stand. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return pemBlocks(pem).map(({ label, text }) => {
    if (label === 'CERTIFICATE') return readCertificate(text)
    throw new PkiError('CertificateUnreadable', `there is a ${label} block among the certificates`)
  })
}
