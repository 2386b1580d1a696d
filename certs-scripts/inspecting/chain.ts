import type { X509Certificate } from 'node:crypto'

/** What was found above a certificate. */
export type Chain =
  | { readonly is: 'root' }
  | { readonly is: 'complete'; readonly path: readonly X509Certificate[] }
  | { readonly is: 'broken' }
  /** No authority at hand, so nothing can be said. */
  | { readonly is: 'unknown' }

const longest = 8

/**
 * Follows issuers from a certificate up to a trusted one. Signatures decide, not names: two generations of an authority may carry
 * one name. `between` may hold intermediate authorities; what is trusted is believed whatever stands above it.
 */
export function chainOf(
  certificate: X509Certificate,
  trusted: readonly X509Certificate[],
  between: readonly X509Certificate[],
): Chain {
  if (certificate.ca && isSelfSigned(certificate)) return { is: 'root' }
  if (trusted.length === 0) return { is: 'unknown' }
  // A leaf that is trusted by itself: what the operator does with the server's certificate.
  if (trusted.some((anchor) => anchor.raw.equals(certificate.raw))) return { is: 'complete', path: [certificate] }
  const path: X509Certificate[] = []
  for (let at = certificate; path.length < longest;) {
    const anchor = trusted.find((authority) => isIssuedBy(at, authority))
    if (anchor) return { is: 'complete', path: [...path, anchor] }
    const next = between.find((authority) => authority.ca && !path.includes(authority) && isIssuedBy(at, authority))
    if (!next) break
    path.push(next)
    at = next
  }
  return { is: 'broken' }
}

/** Not `isIssuedBy` itself: OpenSSL calls no certificate an issuer whose key usage does not say so, as leaves of `kes identity new`. */
export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && isSignedBy(certificate, certificate)

const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  certificate.checkIssued(authority) && isSignedBy(certificate, authority)

function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.verify(authority.publicKey)
  } catch {
    // A key type that cannot have signed it.
    return false
  }
}
