import { createHash } from 'node:crypto'
import type { KesIdentity } from '../../api/kesIdentity.ts'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

/** The Secret in the release namespace that holds an identity's pair: the truth that `kes-client` is a copy of. */
export function keptSecretName({ metadata: { namespace, name } }: KesIdentity): string {
  return `identity.${namespace}.${name}`
}

/** The identity's policy at the key server: one each, so that withdrawing one touches no other. KES allows 80 characters. */
export function policyName({ metadata: { namespace, name } }: KesIdentity): string {
  const plain = `${namespace}_${name}`
  return plain.length <= 80 ? plain : `${plain.slice(0, 63)}_${hash(plain)}`
}

/** `NAMESPACE.NAME` as a label's value, which may have 63 characters. */
export function identityLabel({ metadata: { namespace, name } }: KesIdentity): string {
  const plain = `${namespace}.${name}`
  return plain.length <= 63 ? plain : `${plain.slice(0, 46)}.${hash(plain)}`
}
