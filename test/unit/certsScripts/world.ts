import { stringify } from 'yaml'
import { makePair, type IdentifiedPair, type LeafWish } from '../../../certs-scripts/making/leaf.ts'
import { createAuthority, type Authority } from '../../../src/pki/authority.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'

export const dayMs = 86_400_000
export const now = new Date('2026-03-01T12:00:00Z')
export const later = (ms: number): Date => new Date(now.getTime() + ms)
export const moment = { now, random: systemRandom }

export const newAuthority = (commonName = 'authority', lifetimeMs = 1_825 * dayMs): Authority =>
  createAuthority({ commonName, lifetimeMs, now })

export const wish: LeafWish = {
  commonName: 'minio',
  organizations: [],
  usage: 'client',
  dnsNames: [],
  ipAddresses: [],
  lifetimeMs: 90 * dayMs,
}

export const newPair = (authority: Authority, changes: Partial<LeafWish> = {}): IdentifiedPair =>
  makePair(authority, { ...wish, ...changes }, moment)

/** A Secret as `kubectl get -o yaml` prints it. */
export function secretYaml(name: string, data: Readonly<Record<string, string>>, type = 'kubernetes.io/tls'): string {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  return stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'minio-a' },
    type,
    data: Object.fromEntries(encoded) as object,
  })
}
