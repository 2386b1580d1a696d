import { parse } from 'yaml'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { kesPort } from '../../api/names.ts'
import type { KesPolicy } from '../../kes/policy.ts'
import { serverConfig, type NamedPolicy } from '../../kes/serverConfig.ts'
import { policyName } from '../kesIdentity/names.ts'
import { policyFor } from '../kesIdentity/policyFor.ts'

/** Where the webhook mounts the Secret in the pod (src/injection/sidecar.ts). */
export const folder = '/run/kes'

/** The policy of the startup probe, which shows KES's own pair: whether KES answers, and nothing else. No namespace has a name like it. */
const probePolicy = 'kes-injector-probe'

/**
 * The configuration of the KES inside the MinIO pods of one namespace: this namespace's identities and policies only, nobody is its
 * administrator, and nobody outside the pod can dial it. `own` is the identity of the pair that it serves. Throws KesError.
 */
export function sidecarConfiguration(
  { spec }: KeyServer,
  policies: readonly NamedPolicy[],
  own: string,
  keystore: object,
): string {
  const cache = spec.server?.cache ?? { any: '5m', unused: '30s', offline: '1h' }
  return serverConfig({
    address: `127.0.0.1:${kesPort}`,
    tls: { certificatePath: `${folder}/tls.crt`, keyPath: `${folder}/tls.key` },
    cache,
    policies: [...policies, { name: probePolicy, allow: ['/v1/status'], deny: [], identities: [own] }],
    keystore,
  })
}

export const isAt = ({ metadata }: KeyServer, { spec }: KesIdentity): boolean =>
  spec.keyServerRef.name === metadata.name

/** What each identity may do; identities without a key pair yet are not among them, nor those that shall go. */
export const policiesOf = (keyServer: KeyServer, identities: readonly KesIdentity[]): readonly NamedPolicy[] =>
  identities
    .filter((identity) => isAt(keyServer, identity) && identity.metadata.deletionTimestamp === undefined)
    .flatMap((identity) => {
      const hex = identity.status?.identity
      return hex === undefined
        ? []
        : [{ name: policyName(identity), ...policyFor(identity, keyServer), identities: [hex] }]
    })

/** The policies that stand in a configuration of ours. */
export function policiesIn(configuration: string): ReadonlyMap<string, KesPolicy & Pick<NamedPolicy, 'identities'>> {
  const { policy = {} } = (parse(configuration) ?? {}) as {
    readonly policy?: Readonly<Record<string, KesPolicy & Pick<NamedPolicy, 'identities'>>>
  }
  return new Map(Object.entries(policy))
}
