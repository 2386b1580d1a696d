import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { furtherKeysOf, keyNameOf } from '../kesIdentity/keyNameOf.ts'

/**
 * Declared ones, and those of identities that were issued: whoever only asks for an identity gets no key yet, and whoever was granted
 * a key does not make it.
 */
export function wantedKeys(keyServer: KeyServer, identities: readonly KesIdentity[]): readonly string[] {
  const ofIdentities = identities
    .filter(({ status }) => status?.identity !== undefined)
    .flatMap((identity) => [keyNameOf(identity, keyServer), ...furtherKeysOf(identity, keyServer)])
    .flatMap(({ keyName, problem, ours }) => (ours && problem === undefined ? [keyName] : []))
  return [...new Set([...keyServer.spec.keys, ...ofIdentities])]
}

/** Further keys that an identity cannot have, in a sentence each. */
export const refusedKeys = (
  keyServer: KeyServer,
  identities: readonly KesIdentity[],
): readonly (readonly [KesIdentity, string])[] =>
  identities.flatMap((identity) =>
    furtherKeysOf(identity, keyServer).flatMap(({ problem }) =>
      problem === undefined ? [] : [[identity, problem] as const],
    ),
  )

/** The namespaces that have an identity at this server, in order. */
export const namespacesOf = (identities: readonly KesIdentity[]): readonly string[] =>
  [...new Set(identities.map(({ metadata }) => metadata.namespace))].sort()
