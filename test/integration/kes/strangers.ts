import { identityOf } from '../../../src/kes/identity.ts'
import { createAuthority, issue } from '../../../src/pki/authority.ts'
import { generatePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import type { Caller } from './keyServer.ts'

const dayMs = 86_400_000

/** A pair under an authority that no server knows. */
export function stranger(): Caller {
  const authority = createAuthority({ commonName: 'nobody knows it', lifetimeMs: 30 * dayMs, now: new Date() })
  const key = generatePrivateKey()
  const certificatePem = issue(authority, {
    commonName: 'stranger',
    usages: ['client'],
    key,
    lifetimeMs: dayMs,
    now: new Date(),
  })
  return { certificatePem, keyPem: privateKeyPem(key), identity: identityOf(certificatePem) }
}
