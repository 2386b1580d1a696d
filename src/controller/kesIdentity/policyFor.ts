import { realmOf } from '../../api/keyName.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { allowsKeyCreation, type KeyServer } from '../../api/keyServer.ts'
import { minioPolicy, type KesPolicy } from '../../kes/policy.ts'
import { grantedPaths } from './policyProblem.ts'

/**
 * What the MinIO of this namespace may do: its own keys and granted ones only, and no creation unless the KeyServer says so (facts: KES 0.2), and what
 * `spec.policy` grants or denies besides. A path that cannot be granted is left out, whoever asks.
 */
export function policyFor(identity: KesIdentity, keyServer: KeyServer): KesPolicy {
  const { allow } = minioPolicy({
    ...realmOf(keyServer.spec, identity.metadata.namespace),
    allowKeyCreation: allowsKeyCreation(keyServer.spec),
  })
  return {
    allow: [...new Set([...allow, ...grantedPaths(identity, keyServer)])],
    deny: [...new Set(identity.spec.policy.deny)],
  }
}
