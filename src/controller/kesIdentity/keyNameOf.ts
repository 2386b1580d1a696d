import { defaultKeyName, expandPrefix, keyNameProblem } from '../../api/keyName.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'

/** The default key of an identity: its own choice, or the prefix of its namespace and `minio`. */
export function keyNameOf(
  identity: KesIdentity,
  keyServer: KeyServer,
): { readonly keyName: string; readonly problem: string | undefined } {
  const prefix = expandPrefix(keyServer.spec.keyPrefix, identity.metadata.namespace)
  const keyName = identity.spec.keyName ?? defaultKeyName(prefix)
  return { keyName, problem: keyNameProblem(keyName, prefix) }
}
