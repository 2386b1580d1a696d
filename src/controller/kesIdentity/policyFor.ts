import { expandPrefix } from '../../api/keyName.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { allowsKeyCreation, type KeyServer } from '../../api/keyServer.ts'
import { minioPolicy, type KesPolicy } from '../../kes/policy.ts'

/** What the MinIO of this namespace may do: its own keys only, and no creation unless the KeyServer says so (facts: KES 0.2). */
export const policyFor = (identity: KesIdentity, keyServer: KeyServer): KesPolicy =>
  minioPolicy({
    keyPrefix: expandPrefix(keyServer.spec.keyPrefix, identity.metadata.namespace),
    allowKeyCreation: allowsKeyCreation(keyServer.spec),
  })
