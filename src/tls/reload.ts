import type { Server } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { ServingCertificate } from './servingCertificate.ts'

export interface TlsPolicy {
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  /** Authorities whose clients are let in, PEM. None: clients need no certificate. */
  readonly clientAuthorityPem?: string
}

/**
 * Every option of a server's TLS context, always together: `setSecureContext` forgets what it is not told again. With
 * key and certificate alone a server that began with TLS 1.3 takes TLS 1.2 afterwards, and without `ca` it refuses every
 * client that has a certificate (both measured).
 */
export function secureContext(
  { certificatePem, keyPem }: Pick<ServingCertificate, 'certificatePem' | 'keyPem'>,
  { minVersion, clientAuthorityPem }: TlsPolicy,
): SecureContextOptions {
  return {
    cert: certificatePem,
    key: keyPem,
    minVersion,
    ...(clientAuthorityPem === undefined ? {} : { ca: clientAuthorityPem }),
  }
}

/** Whether clients must show a certificate: part of the server, not of its context. */
export const clientVerification = ({
  clientAuthorityPem,
}: TlsPolicy): { requestCert: boolean; rejectUnauthorized: boolean } => ({
  requestCert: clientAuthorityPem !== undefined,
  rejectUnauthorized: clientAuthorityPem !== undefined,
})

/**
 * Gives a running server another certificate. Open connections keep theirs; new ones get the new one. Throws where the
 * pair does not fit, and the old one stays.
 */
export function exchangeCertificate(server: Server, certificate: ServingCertificate, policy: TlsPolicy): void {
  server.setSecureContext(secureContext(certificate, policy))
}
