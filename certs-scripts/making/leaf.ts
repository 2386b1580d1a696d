import { identityOf } from '../../src/kes/identity.ts'
import { issue, type Authority } from '../../src/pki/authority.ts'
import type { Usage } from '../../src/pki/extensions.ts'
import { certificateFacts } from '../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../src/pki/certificateParts.ts'
import type { PairPem } from '../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../src/pki/privateKey.ts'
import type { RandomSource } from '../../src/pki/serialNumber.ts'
import type { KeptPair } from '../reading/material.ts'

/** What stands in a leaf; the rest is the one profile that everything here is issued in (src/pki). */
export interface LeafWish {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly usage: Usage
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly lifetimeMs: number
}

/** Time and randomness, handed in. */
export interface Moment {
  readonly now: Date
  readonly random: RandomSource
}

export interface IdentifiedPair extends PairPem {
  readonly identity: string
  readonly notAfter: Date
}

/** A leaf with a new key or, to renew, with the key that is kept: then the identity stays. */
export function makePair(authority: Authority, wish: LeafWish, moment: Moment, kept?: KeptPair): IdentifiedPair {
  const key = kept?.key ?? generatePrivateKey()
  const { usage, ...rest } = wish
  const certificatePem = issue(authority, { ...rest, usages: [usage], key, ...moment })
  return {
    certificatePem,
    keyPem: kept?.keyPem ?? privateKeyPem(key),
    identity: identityOf(certificatePem),
    notAfter: readCertificate(certificatePem).validToDate,
  }
}

/** What a renewal keeps of the certificate that is replaced, where nothing else is asked for. */
export function wishOf({
  certificate,
}: KeptPair): Partial<Pick<LeafWish, 'commonName' | 'organizations' | 'dnsNames' | 'ipAddresses'>> {
  if (!certificate) return {}
  const { dnsNames, ipAddresses } = certificateFacts(certificate)
  const parts = (name: string) =>
    certificate.subject
      .split('\n')
      .flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []))
  const [commonName] = parts('CN')
  return { dnsNames, ipAddresses, ...(commonName === undefined ? {} : { commonName, organizations: parts('O') }) }
}
