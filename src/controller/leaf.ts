import { generatePrivateKey, privateKeyPem } from '../pki/privateKey.ts'
import { issue, type Authority, type LeafRequest } from '../pki/authority.ts'
import type { Found, StoredPair } from './found.ts'
import type { PairPem } from '../pki/pair.ts'

/** A leaf for the key that is there (renew), or for a new key where there is none that can be read. */
export function issueLeaf(authority: Authority, stored: Found<StoredPair>, request: Omit<LeafRequest, 'key'>): PairPem {
  const key = stored.is === 'found' ? stored.value.key : generatePrivateKey()
  return {
    certificatePem: issue(authority, { ...request, key }),
    keyPem: stored.is === 'found' ? stored.value.pem.keyPem : privateKeyPem(key),
  }
}
