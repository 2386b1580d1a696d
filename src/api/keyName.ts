/** Names that KES takes for keys and policies (KES v0.22.3 `validName`: letters, digits, `-` and `_`, at most 80). */
const name = /^[A-Za-z0-9_-]{1,80}$/

/** Why a name is not one that a namespace may use, in a sentence; undefined where it is. */
export function keyNameProblem(keyName: string, prefix: string): string | undefined {
  if (!name.test(keyName))
    return `KES takes key names of 1 to 80 letters, digits, "-" and "_"; ${JSON.stringify(keyName.slice(0, 90))} is none`
  if (!keyName.startsWith(prefix) || keyName.length === prefix.length)
    return `the names of this namespace's keys begin with ${JSON.stringify(prefix)}; ${JSON.stringify(keyName)} does not`
  return undefined
}

/** The beginning of a namespace's key names: `keyPrefix` of the KeyServer with the namespace's name in it. */
export const expandPrefix = (keyPrefix: string, namespace: string): string =>
  keyPrefix.replaceAll('{namespace}', namespace)

/** The default key of a namespace that chooses none. */
export const defaultKeyName = (prefix: string): string => `${prefix}minio`
