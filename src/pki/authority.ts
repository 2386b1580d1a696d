import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto'
import { writeCertificate, type CertificateTemplate } from './certificate.ts'
import { keyIdentifierOf, readCertificate, subjectDer } from './certificateParts.ts'
import type { Usage } from './extensions.ts'
import { checkedDnsName, checkedIpAddress, checkedNamePart } from './names.ts'
import { PkiError } from './pkiError.ts'
import { generatePrivateKey, parsePrivateKey } from './privateKey.ts'
import { newSerialNumber, systemRandom, type RandomSource } from './serialNumber.ts'

/** A certificate authority: one per purpose, one per generation. Its key never leaves the controller's namespace. */
export interface Authority {
  readonly certificatePem: string
  readonly key: KeyObject
}

/** Clocks of two machines differ; a certificate of this minute must be valid on both. */
export const backdatingMs = 5 * 60_000
/** An authority that ends sooner issues nothing more: KES and MinIO reload only every 15 minutes. */
const leastAuthorityLifetimeMs = 60 * 60_000

export interface AuthorityRequest {
  readonly commonName: string
  readonly lifetimeMs: number
  readonly now: Date
  readonly random?: RandomSource
}

/** Makes a self-signed root: P-256, CA:TRUE, pathlen 0, keyCertSign and cRLSign only. */
export function createAuthority(request: AuthorityRequest): Authority {
  const key = generatePrivateKey()
  const certificatePem = writeCertificate({
    subject: { commonName: checkedNamePart(request.commonName), organizations: [] },
    publicKey: publicHalf(key),
    issuer: 'self',
    signingKey: key,
    serial: newSerialNumber(request.random ?? systemRandom),
    ...validity(request, undefined),
    profile: { kind: 'authority' },
  })
  return { certificatePem, key }
}

export interface LeafRequest {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly usages: readonly Usage[]
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  /** The leaf's key, private or public half: only its public half is used. */
  readonly key: KeyObject
  readonly lifetimeMs: number
  readonly now: Date
  readonly random?: RandomSource
}

/**
 * Issues a leaf, PEM. The same key gives the same KES identity: renewing is this call with the key that is there.
 *
 * The leaf begins five minutes ago, never before its authority, and ends with its authority at the latest.
 * Throws `AuthorityExpiring` when the authority is not valid for another hour, `NameInvalid` and `LifetimeInvalid` for
 * what cannot be written.
 */
export function issue(authority: Authority, request: LeafRequest): string {
  const issuer = readCertificate(authority.certificatePem)
  checkLasts(issuer, request.now)
  return writeCertificate({
    subject: {
      commonName: checkedNamePart(request.commonName),
      organizations: (request.organizations ?? []).map(checkedNamePart),
    },
    publicKey: publicHalf(request.key),
    issuer: { subjectDer: subjectDer(issuer), keyIdentifier: keyIdentifierOf(issuer) },
    signingKey: authority.key,
    serial: newSerialNumber(request.random ?? systemRandom),
    ...validity(request, issuer),
    profile: leafProfile(request),
  })
}

/**
 * A leaf that its own key signs, PEM: for a key that another authority has yet to vouch for, and for callers whom KES knows by
 * their key alone. Nobody trusts it.
 */
export function selfSign(request: LeafRequest & { readonly key: KeyObject }): string {
  return writeCertificate({
    subject: {
      commonName: checkedNamePart(request.commonName),
      organizations: (request.organizations ?? []).map(checkedNamePart),
    },
    publicKey: publicHalf(request.key),
    issuer: 'self',
    signingKey: request.key,
    serial: newSerialNumber(request.random ?? systemRandom),
    ...validity(request, undefined),
    profile: leafProfile(request),
  })
}

/** Reads an authority from its two PEM texts. Throws when the pair does not match or the certificate is no authority. */
export function loadAuthority(certificatePem: string, keyPem: string): Authority {
  const key = parsePrivateKey(keyPem)
  const certificate = readCertificate(certificatePem)
  if (!certificate.ca) throw new PkiError('NotAnAuthority', 'the certificate is not that of an authority (CA:TRUE)')
  if (!certificate.checkPrivateKey(key)) {
    throw new PkiError('KeyMismatch', "the authority's key does not belong to its certificate")
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new PkiError('NotAnAuthority', "the authority's key must be on curve P-256")
  }
  return { certificatePem: certificate.toString(), key }
}

function leafProfile(request: LeafRequest): CertificateTemplate['profile'] {
  const usages = [...new Set(request.usages)]
  const dnsNames = [...new Set((request.dnsNames ?? []).map(checkedDnsName))]
  const ipAddresses = [...new Set((request.ipAddresses ?? []).map(checkedIpAddress))]
  if (usages.length === 0) throw new PkiError('NameInvalid', 'a leaf needs a usage: server, client or both')
  if (usages.includes('server') && dnsNames.length + ipAddresses.length === 0) {
    // KES ends at once with such a certificate, and no client of today looks at the common name.
    throw new PkiError('NameInvalid', "a server's certificate needs a DNS name or an IP address")
  }
  return { kind: 'leaf', usages, dnsNames, ipAddresses }
}

function checkLasts(issuer: X509Certificate, now: Date): void {
  const leftMs = issuer.validToDate.getTime() - now.getTime()
  if (leftMs < leastAuthorityLifetimeMs) {
    throw new PkiError('AuthorityExpiring', `the authority ends ${issuer.validToDate.toISOString()}: change it first`)
  }
  if (now.getTime() < issuer.validFromDate.getTime()) {
    const begins = issuer.validFromDate.toISOString()
    throw new PkiError('AuthorityExpiring', `the authority begins only ${begins}: is the clock right?`)
  }
}

function validity(
  { lifetimeMs, now }: { lifetimeMs: number; now: Date },
  issuer: X509Certificate | undefined,
): { notBefore: Date; notAfter: Date } {
  if (!Number.isFinite(lifetimeMs) || lifetimeMs < 60_000) {
    throw new PkiError('LifetimeInvalid', 'a certificate lives a minute at least')
  }
  const earliestMs = issuer?.validFromDate.getTime() ?? -Infinity
  const latestMs = issuer?.validToDate.getTime() ?? Date.UTC(9999, 11, 31)
  return {
    notBefore: wholeSecond(Math.max(now.getTime() - backdatingMs, earliestMs)),
    notAfter: wholeSecond(Math.min(now.getTime() + lifetimeMs, latestMs)),
  }
}

// X.509 dates have no fraction.
const wholeSecond = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000)

function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}
