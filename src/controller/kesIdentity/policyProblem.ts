import { isGranted, realmOf, type KeyRealm } from '../../api/keyName.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import { allowsKeyCreation, kindOf, type KeyServer, type KeyServerSpec } from '../../api/keyServer.ts'

/** Operations on keys as KES's API has them (`/v1/key/OPERATION/NAME`). */
const keyPath =
  /^\/v1\/key\/(create|import|describe|delete|generate|encrypt|decrypt|bulk\/decrypt|list|hmac)\/([A-Za-z0-9_-]+)(\*?)$/

/** Paths that tell nothing about keys, policies or identities of others. */
const harmless: readonly string[] = ['/version', '/v1/status', '/v1/metrics', '/v1/api', '/v1/ready']

const makesOrDestroys: ReadonlySet<string> = new Set(['create', 'import', 'delete'])

/** Operations that replace or destroy keys: on a stateful KES nothing brings the former one back (facts: KES 0.2). */
function destroys(operation: string, spec: KeyServerSpec): boolean {
  if (operation === 'delete' || operation === 'import') return kindOf(spec) !== 'server'
  return operation === 'create' && kindOf(spec) !== 'server' && !allowsKeyCreation(spec)
}

/**
 * Why a path cannot be allowed to an identity, in a sentence; undefined where it can. A closed list: what is not known to stay within
 * the keys of the namespace is refused, policies, identities, enclaves, secrets, logs and seal among it.
 */
export function pathProblem(path: string, realm: KeyRealm, spec: KeyServerSpec): string | undefined {
  if (harmless.includes(path)) return undefined
  const { keyPrefix } = realm
  const [, operation, name = '', star = ''] = keyPath.exec(path) ?? []
  if (operation === undefined) return `${path} is neither a path of keys (/v1/key/…/NAME) nor one that tells nothing`
  if (!name.startsWith(keyPrefix) || (name === keyPrefix && star === '')) {
    if (!isGranted(`${name}${star}`, realm))
      return `${path} lies outside the keys of this namespace, which begin with ${keyPrefix} or are granted to it`
    return makesOrDestroys.has(operation) ? `${path} is about keys that were granted for use only` : undefined
  }
  if (destroys(operation, spec)) return `${path} could replace or destroy keys for ever on this key server`
  return undefined
}

/** The paths of `spec.policy.allow` that are granted. */
export function grantedPaths(identity: KesIdentity, { spec }: KeyServer): readonly string[] {
  const realm = realmOf(spec, identity.metadata.namespace)
  return identity.spec.policy.allow.filter((path) => pathProblem(path, realm, spec) === undefined)
}

/** Why `spec.policy` of an identity cannot be granted as it stands; undefined where it can. */
export function policyProblem(identity: KesIdentity, { spec }: KeyServer): string | undefined {
  const realm = realmOf(spec, identity.metadata.namespace)
  return identity.spec.policy.allow.map((path) => pathProblem(path, realm, spec)).find((each) => each !== undefined)
}
