import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { keyNameOf } from '../kesIdentity/keyNameOf.ts'

/** Declared ones, and those of identities that were issued: whoever only asks for an identity gets no key yet. */
export function wantedKeys(keyServer: KeyServer, identities: readonly KesIdentity[]): readonly string[] {
  const ofIdentities = identities
    .filter(({ status }) => status?.identity !== undefined)
    .map((identity) => keyNameOf(identity, keyServer))
    .flatMap(({ keyName, problem }) => (problem === undefined ? [keyName] : []))
  return [...new Set([...keyServer.spec.keys, ...ofIdentities])]
}

/** The namespaces that have an identity at this server, in order. */
export const namespacesOf = (identities: readonly KesIdentity[]): readonly string[] =>
  [...new Set(identities.map(({ metadata }) => metadata.namespace))].sort()
