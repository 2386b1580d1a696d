import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { isServerName } from '../../kes/kesName.ts'
import type { NamedPolicy } from '../../kes/serverConfig.ts'
import { policyName } from '../kesIdentity/names.ts'
import { policyFor } from '../kesIdentity/policyFor.ts'

/** An identity that was issued: who it is to KES. */
export interface Member {
  readonly identity: KesIdentity
  readonly hex: string
}

export interface Policies {
  readonly policies: readonly NamedPolicy[]
  /** Who had to be left out so that KES takes the rest, in a few words each. */
  readonly leftOut: readonly string[]
}

/**
 * A policy for each identity. KES refuses the whole configuration for one wrong part, so a second identity with the same key, one with
 * the administrator's, and a name that KES does not take are left out: nobody else may suffer from them. One that is being deleted is
 * left out as well, which revokes it.
 */
export function policiesOf(members: readonly Member[], keyServer: KeyServer, admin: string): Policies {
  const policies: NamedPolicy[] = []
  const leftOut: string[] = []
  const taken = new Set([admin])
  const key = ({ metadata: { namespace, name } }: KesIdentity) => `${namespace}/${name}`
  const sorted = [...members].sort((one, other) => (key(one.identity) < key(other.identity) ? -1 : 1))
  for (const { identity, hex } of sorted) {
    if (identity.metadata.deletionTimestamp !== undefined) continue
    const name = policyName(identity)
    if (!isServerName(name)) leftOut.push(`${key(identity)} (KES takes no policy of that name)`)
    else if (taken.has(hex)) leftOut.push(`${key(identity)} (its key pair is somebody else's already)`)
    else policies.push({ name, ...policyFor(identity, keyServer), identities: [hex] })
    taken.add(hex)
  }
  return { policies, leftOut }
}
