/** Names that KES takes for keys (KES v0.22.3 `validName`; the file and memory stores of every later KES agree on these characters). */
export const keyNamePattern = /^[A-Za-z0-9_-]{1,80}$/

export const isKeyName = (text: string): boolean => keyNamePattern.test(text)

/** What may be granted: a name, or the beginning of names and a star. Never all keys there are. */
export const grantPattern = /^([A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,79}\*)$/

/** The part of a KeyServer's specification that says whose keys are whose. */
interface KeyRules {
  readonly keyPrefix: string
  readonly grants?: readonly { readonly namespace: string; readonly keys: readonly string[] }[] | undefined
}

/** Which keys of one server a namespace may use. */
export interface KeyRealm {
  /** What the names of its own keys begin with. */
  readonly keyPrefix: string
  /** Keys besides: names in full, or the beginning of names and a star. */
  readonly granted: readonly string[]
}

export const realmOf = ({ keyPrefix, grants = [] }: KeyRules, namespace: string): KeyRealm => ({
  keyPrefix: expandPrefix(keyPrefix, namespace),
  granted: grants.filter((grant) => grant.namespace === namespace).flatMap(({ keys }) => keys),
})

const begins = (name: string, prefix: string): boolean => name.startsWith(prefix) && name.length > prefix.length

/** Whether the name is of the namespace's prefix. Such keys are made where they are missing; granted ones are there, or are not. */
export const isPrefixed = (keyName: string, { keyPrefix }: KeyRealm): boolean =>
  isKeyName(keyName) && begins(keyName, keyPrefix)

/** Whether a namespace may use the key: KES refuses it all others, so MinIO would not start. */
export const isOwnKey = (keyName: string, realm: KeyRealm): boolean =>
  isPrefixed(keyName, realm) || (isKeyName(keyName) && isGranted(keyName, realm))

/** Whether a grant covers a name, or all names of a pattern with a star at its end. */
export const isGranted = (nameOrPattern: string, { granted }: KeyRealm): boolean =>
  granted.some((grant) =>
    grant.endsWith('*') ? nameOrPattern.startsWith(grant.slice(0, -1)) : nameOrPattern === grant,
  )

/** Why a name is not one that a namespace may use, in a sentence; undefined where it is. */
export function keyNameProblem(keyName: string, realm: KeyRealm): string | undefined {
  if (isOwnKey(keyName, realm)) return undefined
  const shown = JSON.stringify(keyName.slice(0, 90))
  return isKeyName(keyName)
    ? `the names of this namespace's keys begin with ${JSON.stringify(realm.keyPrefix)}; ${shown} does not, or ends there, and spec.grants of the KeyServer does not name it`
    : `KES takes key names of 1 to 80 letters, digits, "-" and "_"; ${shown} is none`
}

/** The beginning of a namespace's key names: `keyPrefix` of the KeyServer with the namespace's name in it. */
export const expandPrefix = (keyPrefix: string, namespace: string): string =>
  keyPrefix.replaceAll('{namespace}', namespace)

/** The default key of a namespace that chooses none. */
export const defaultKeyName = (prefix: string): string => `${prefix}minio`
