import { defaultKeyName, isPrefixed, keyNameProblem, realmOf, type KeyRealm } from '../../api/keyName.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'

/** A key that an identity asks for, and why it cannot have it. */
interface AskedKey {
  readonly keyName: string
  readonly problem: string | undefined
  /** A key of the namespace's prefix is made where it is missing; one that was granted is somebody else's to make. */
  readonly ours: boolean
}

/** The default key of an identity: its own choice, or the prefix of its namespace and `minio`. */
export function keyNameOf(identity: KesIdentity, keyServer: KeyServer): AskedKey {
  const realm = realmOf(keyServer.spec, identity.metadata.namespace)
  return asked(identity.spec.keyName ?? defaultKeyName(realm.keyPrefix), realm)
}

/** Its further keys: always within the prefix of its namespace, because that is put before each of them. */
export function furtherKeysOf(identity: KesIdentity, keyServer: KeyServer): readonly AskedKey[] {
  const realm = realmOf(keyServer.spec, identity.metadata.namespace)
  return (identity.spec.keys ?? []).map((name) => asked(`${realm.keyPrefix}${name}`, realm))
}

const asked = (keyName: string, realm: KeyRealm): AskedKey => ({
  keyName,
  problem: keyNameProblem(keyName, realm),
  ours: isPrefixed(keyName, realm),
})
