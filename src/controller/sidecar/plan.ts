import { isDeepStrictEqual } from 'node:util'
import { durationMs } from '../../api/duration.ts'
import { sidecarSecretName } from '../../api/names.ts'
import { identityOfSpki } from '../../kes/identity.ts'
import { KesError } from '../../kes/kesError.ts'
import { violation, type Violation } from '../../pki/renewal.ts'
import type { Plan } from '../reconciler.ts'
import { sidecarConfiguration } from './configuration.ts'
import type { Observed } from './observed.ts'
import type { SidecarContent } from './secret.ts'

export type Step =
  /** The Secret, for the first time or because its pair cannot be read. */
  | { readonly do: 'make' }
  /** Another configuration beside the same pair. It counts in pods that start from then on. */
  | { readonly do: 'reconfigure' }
  /** A new certificate for the same key. KES reads it within a quarter of an hour, in running pods too. */
  | { readonly do: 'renew'; readonly why: Violation['reason'] }
  /** The last identity goes: the credentials of the key store do not stay behind. */
  | { readonly do: 'remove' }

const idleMs = 60_000

/** Names by which the MinIO beside it may dial it. */
export const sidecarNames = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1', '::1'] } as const

export const certificateOf = ({ namespace, keyServer }: Observed, authorityPem: string) => ({
  usages: ['server'] as const,
  ...sidecarNames,
  authorityPem,
  lifetimeMs: durationMs(keyServer.spec.certificates.server),
  renewAt: keyServer.spec.certificates.renewAt,
  jitterSeed: `${namespace}/${sidecarSecretName}`,
})

/** What belongs beside a pair of this identity; undefined where it cannot be made now. */
export function wantedContent({ keyServer, keystore, policies }: Observed, own: string): SidecarContent | undefined {
  if (keystore.is !== 'usable') return undefined
  try {
    return {
      configuration: sidecarConfiguration(keyServer, policies, own, keystore.keystore),
      files: keystore.files,
    }
  } catch (error) {
    if (error instanceof KesError && error.code === 'ConfigInvalid') return undefined
    throw error
  }
}

/** What a person has to mend before anything is written; told by an Event. */
export function problemOf({ keystore, secret, policies }: Observed): string | undefined {
  if (secret.is === 'foreign')
    return `the Secret ${sidecarSecretName} is not ours; rename or delete it, it is not written over`
  if (secret.is === 'forbidden')
    return `the controller may not touch a Secret called ${sidecarSecretName}: its RBAC does not name it`
  if (keystore.is !== 'usable') return `${keystore.why}; what was written before stays`
  const all = policies.flatMap(({ identities }) => identities)
  return new Set(all).size === all.length
    ? undefined
    : 'two KesIdentities have one key pair: KES would refuse the whole configuration'
}

/**
 * The one next step towards "a MinIO pod that starts now finds the KES that it is to have".
 *
 * Nothing is written before the first identity has its key pair; a key store section that cannot be used leaves the configuration as it
 * is, and renews the certificate all the same. The pair's key lives here alone and nobody knows it by name: one that is lost is made anew.
 */
export function plan(observed: Observed, now: Date): Plan<Step, undefined> {
  const rest = { status: undefined, recheckMs: idleMs }
  const { authorityPem, keystore, policies, secret } = observed
  if (secret.is === 'foreign' || secret.is === 'forbidden') return rest
  if (!observed.inUse) return secret.is === 'ours' ? { ...rest, step: { do: 'remove' } } : rest
  if (authorityPem === undefined) return rest
  if (secret.is === 'missing' || secret.pair.is !== 'found' || secret.content === undefined) {
    const makeable = keystore.is === 'usable' && policies.length > 0 && problemOf(observed) === undefined
    return makeable ? { ...rest, step: { do: 'make' } } : rest
  }
  const due = violation(secret.pair.value.pem, certificateOf(observed, authorityPem), now)
  if (due) return { ...rest, step: { do: 'renew', why: due.reason } }
  const wanted = wantedContent(observed, identityOfSpki(secret.pair.value.spki))
  const settled = wanted === undefined || isDeepStrictEqual(wanted, secret.content)
  return settled ? rest : { ...rest, step: { do: 'reconfigure' } }
}
