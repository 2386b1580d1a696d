import { createAuthority, issue, type Authority } from '../../../src/pki/authority.ts'
import { certificateFacts } from '../../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../../src/pki/certificateParts.ts'
import { readPair } from '../../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import type { StoredPair } from '../../../src/controller/found.ts'
import type { AuthorityFacts } from '../../../src/controller/storedAuthority.ts'
import type { KeyObject } from 'node:crypto'
import type { Usage } from '../../../src/pki/extensions.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

/** When all these tests begin. */
export const now = new Date('2026-01-01T00:00:00Z')
export const after = (ms: number, start: Date = now): Date => new Date(start.getTime() + ms)

export const newAuthority = (at: Date = now): Authority =>
  createAuthority({ commonName: 'test authority', lifetimeMs: 43_800 * hourMs, now: at })

export function authorityFacts({ certificatePem }: Authority): AuthorityFacts {
  const { fingerprint, notBefore, notAfter } = certificateFacts(readCertificate(certificatePem))
  return { certificatePem, fingerprint, notBefore, notAfter }
}

export interface LeafWish {
  readonly usages?: readonly Usage[]
  readonly dnsNames?: readonly string[]
  readonly key?: KeyObject
  readonly at?: Date
  readonly lifetimeMs?: number
}

/** A leaf as it was read from a Secret; a client's for 90 days unless the wish says otherwise. */
export function storedLeaf(
  authority: Authority,
  { usages = ['client'], dnsNames = [], key = generatePrivateKey(), at = now, lifetimeMs = 90 * dayMs }: LeafWish = {},
): StoredPair {
  const certificatePem = issue(authority, { commonName: 'test', usages, dnsNames, key, lifetimeMs, now: at })
  const pem = { certificatePem, keyPem: privateKeyPem(key) }
  return { ...readPair(pem), pem }
}
