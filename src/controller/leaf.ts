import type { KeyObject } from 'node:crypto'
import { generatePrivateKey, privateKeyPem } from '../pki/privateKey.ts'
import { issue, selfSign, type Authority, type LeafRequest } from '../pki/authority.ts'
import type { Found, StoredPair } from './found.ts'
import type { PairPem } from '../pki/pair.ts'

/** A leaf for the key that is there (renew), or for a new key where there is none that can be read. */
export function issueLeaf(
  authority: Authority,
  stored: Found<StoredPair>,
  request: Omit<LeafRequest, 'key'>,
  newKey: () => KeyObject = generatePrivateKey,
): PairPem {
  const key = stored.is === 'found' ? stored.value.key : newKey()
  return {
    certificatePem: issue(authority, { ...request, key }),
    keyPem: stored.is === 'found' ? stored.value.pem.keyPem : privateKeyPem(key),
  }
}

/** The same without an authority: for callers whom KES knows by their key alone, and for keys that an issuer has yet to vouch for. */
export function selfSignedLeaf(
  stored: Found<StoredPair>,
  request: Omit<LeafRequest, 'key'>,
  newKey: () => KeyObject = generatePrivateKey,
): PairPem {
  const key = stored.is === 'found' ? stored.value.key : newKey()
  return { certificatePem: selfSign({ ...request, key }), keyPem: privateKeyPem(key) }
}
