import { isAbsolute } from 'node:path'
import { stringify } from 'yaml'
import { isIdentity } from './identity.ts'
import { KesError } from './kesError.ts'
import { isServerName } from './kesName.ts'
import type { KesPolicy } from './policy.ts'

/** A policy with who has it. */
export interface NamedPolicy extends KesPolicy {
  readonly name: string
  readonly identities: readonly string[]
}

export interface ServerConfig {
  /** Where to listen: `IP:PORT`. Every address and KES's own port unless it is said. Changes with a restart only. */
  readonly address?: string
  /** Identity of the administrator; none: nobody is. */
  readonly admin?: string | undefined
  readonly tls: { readonly certificatePath: string; readonly keyPath: string }
  /** In Go's notation. */
  readonly cache: { readonly any: string; readonly unused: string; readonly offline: string }
  readonly policies: readonly NamedPolicy[]
  /** What `readKeystore` answered. */
  readonly keystore: object
  /** API paths that anybody may call. HAZARD: one of them ends the demand for a client certificate for all of them (KES `kesconf/config.go`). */
  readonly openPaths?: readonly string[]
}

/**
 * Writes the configuration of a current KES (v0.24.0), YAML. The same wish gives the same text, in whatever order it is made.
 *
 * Client certificates are demanded and not verified against authorities: KES knows callers by their public key alone. The audit log is
 * off (KES prints it unless told not to). Throws `ConfigInvalid` for what KES would refuse as a whole, so that one wrong identity cannot
 * keep all others out.
 */
export function serverConfig(wish: ServerConfig): string {
  const { address = '0.0.0.0:7373', admin, tls, cache, keystore, openPaths = [] } = wish
  const policies = [...wish.policies].sort((one, other) => (one.name < other.name ? -1 : 1))
  check(wish)
  return stringify(
    {
      version: 'v1',
      address,
      // KES needs a value here; one that is no identity is nobody's.
      admin: { identity: admin ?? 'disabled' },
      tls: { key: tls.keyPath, cert: tls.certificatePath, auth: 'off' },
      cache: { expiry: { any: cache.any, unused: cache.unused, offline: cache.offline } },
      // Not INFO: each probe of the port would leave a line.
      log: { error: 'warn', audit: 'off' },
      ...(openPaths.length > 0
        ? { api: Object.fromEntries(openPaths.map((path) => [path, { skip_auth: true }])) }
        : {}),
      policy: Object.fromEntries(
        policies.map(({ name, allow, deny, identities }) => [
          name,
          { allow: [...allow].sort(), deny: [...deny].sort(), identities: [...identities].sort() },
        ]),
      ),
      keystore,
    },
    // Anchors for equal parts would be one more thing to read.
    { aliasDuplicateObjects: false, lineWidth: 0 },
  )
}

function check({ admin, tls, policies }: ServerConfig): void {
  if (admin !== undefined && !isIdentity(admin)) throw invalid('the identity of the administrator is no identity')
  if (!isAbsolute(tls.keyPath) || !isAbsolute(tls.certificatePath))
    throw invalid('the paths of the pair are not absolute')
  const taken = new Map<string, string>()
  for (const { name, identities } of policies) {
    if (!isServerName(name)) throw invalid(`KES does not take the policy name ${JSON.stringify(name.slice(0, 90))}`)
    if (policies.filter((other) => other.name === name).length > 1)
      throw invalid(`there are two policies called ${name}`)
    for (const identity of identities) {
      if (!isIdentity(identity)) throw invalid(`an identity of the policy ${name} is no identity`)
      if (identity === admin) throw invalid(`the administrator may not have a policy, not even ${name}`)
      const other = taken.get(identity)
      if (other !== undefined) throw invalid(`one identity is in the policies ${other} and ${name}`)
      taken.set(identity, name)
    }
  }
}

const invalid = (message: string): KesError => new KesError('ConfigInvalid', message)
