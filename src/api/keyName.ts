/** Names that KES takes for keys (KES v0.22.3 `validName`; the file and memory stores of every later KES agree on these characters). */
export const keyNamePattern = /^[A-Za-z0-9_-]{1,80}$/

export const isKeyName = (text: string): boolean => keyNamePattern.test(text)

/** Whether the name is one of the namespace's own: KES refuses it all others, so MinIO would not start. */
export const isOwnKey = (keyName: string, prefix: string): boolean =>
  isKeyName(keyName) && keyName.startsWith(prefix) && keyName.length > prefix.length

/** Why a name is not one that a namespace may use, in a sentence; undefined where it is. */
export function keyNameProblem(keyName: string, prefix: string): string | undefined {
  if (isOwnKey(keyName, prefix)) return undefined
  const shown = JSON.stringify(keyName.slice(0, 90))
  return isKeyName(keyName)
    ? `the names of this namespace's keys begin with ${JSON.stringify(prefix)}; ${shown} does not, or ends there`
    : `KES takes key names of 1 to 80 letters, digits, "-" and "_"; ${shown} is none`
}

/** The beginning of a namespace's key names: `keyPrefix` of the KeyServer with the namespace's name in it. */
export const expandPrefix = (keyPrefix: string, namespace: string): string =>
  keyPrefix.replaceAll('{namespace}', namespace)

/** The default key of a namespace that chooses none. */
export const defaultKeyName = (prefix: string): string => `${prefix}minio`
