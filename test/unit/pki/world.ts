import { createAuthority, issue, type Authority, type LeafRequest } from '../../../src/pki/authority.ts'
import type { PairPem } from '../../../src/pki/pair.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'

export const dayMs = 86_400_000
export const now = new Date('2026-03-01T12:00:00Z')
export const later = (ms: number): Date => new Date(now.getTime() + ms)

export const newAuthority = (commonName = 'authority', lifetimeMs = 1_825 * dayMs): Authority =>
  createAuthority({ commonName, lifetimeMs, now })

/** A leaf for a new key, 90 days, for a server unless the changes say otherwise. */
export function newPair(authority: Authority, changes: Partial<LeafRequest> = {}): PairPem {
  const key = changes.key ?? generatePrivateKey()
  const certificatePem = issue(authority, {
    commonName: 'kes',
    usages: ['server'],
    dnsNames: ['kes.example'],
    lifetimeMs: 90 * dayMs,
    now,
    ...changes,
    key,
  })
  return { certificatePem, keyPem: privateKeyPem(key) }
}
