import { withCondition, type Claim, type Condition, type ConditionType } from '../../api/conditions.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import { authorityLost, recordedAuthority } from '../keyServer/recordedAuthority.ts'
import { sidecarEndpoint } from '../../api/names.ts'
import type { Found } from '../found.ts'
import type { Plan } from '../reconciler.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'
import type { KeystoreFacts } from './keystore.ts'

/** What is true about a KeyServer that runs inside MinIO pods: it is an authority and a key store section, and no pods. */
export interface Observed {
  readonly keyServer: KeyServer
  readonly status: KeyServerStatus
  readonly authority: Found<AuthorityFacts>
  readonly keystore: KeystoreFacts
}

export interface Step {
  readonly do: 'createAuthority'
}

type Said = Claim & { readonly type: ConditionType }

const idleMs = 60_000
const pollMs = 15_000

function claimsOf(observed: Observed, lost: string | undefined): readonly Said[] {
  const { keyServer, keystore, authority } = observed
  const server = keyServer.spec.server
  const obstacle =
    keyServer.spec.certificates.issuerRef !== undefined
      ? { reason: 'IssuerNotSupported', message: 'spec.certificates.issuerRef does not go with placement Sidecar' }
      : lost !== undefined
        ? { reason: 'AuthorityLost', message: lost }
        : authority.is !== 'found'
          ? { reason: 'Pending', message: 'there is no authority yet' }
          : keystore.is === 'usable'
            ? undefined
            : { reason: keystore.is === 'invalid' ? 'Invalid' : 'SecretMissing', message: keystore.why }
  return [
    {
      type: 'Serving',
      status: authority.is === 'found' && lost === undefined ? 'True' : 'False',
      reason: 'InPods',
      message: 'KES runs inside each MinIO pod: whether it answers there, that MinIO shows',
    },
    keystore.is === 'usable'
      ? { type: 'KeystoreValid', status: 'True', reason: 'Valid', message: `the key store is ${keystore.kind}` }
      : {
          type: 'KeystoreValid',
          status: 'False',
          reason: keystore.is === 'invalid' ? 'Invalid' : 'SecretMissing',
          message: keystore.why,
        },
    {
      type: 'KeysPresent',
      status: 'Unknown',
      reason: 'MadeByMinio',
      message: server?.allowKeyCreation
        ? 'MinIO makes the keys that it needs; nobody else can call its KES, so keys in spec.keys are not made'
        : 'allowKeyCreation is false and nobody else can call this KES: make the keys in the key store by other means',
    },
    {
      type: 'CredentialsShared',
      status: 'True',
      reason: 'Sidecar',
      message:
        'the credentials of the key store lie in the Secret kes-sidecar of every namespace that uses this KeyServer: whoever reads Secrets there can use all that these credentials open',
    },
    lost === undefined
      ? {
          type: 'Stalled',
          status: 'False',
          reason: 'NothingLost',
          message: 'everything that was ever recorded is there',
        }
      : { type: 'Stalled', status: 'True', reason: 'AuthorityLost', message: lost },
    obstacle
      ? { type: 'Ready', status: 'False', ...obstacle }
      : { type: 'Ready', status: 'True', reason: 'Ready', message: 'namespaces can use it' },
  ]
}

/**
 * The one next step towards "namespaces can use a KES that runs inside their MinIO pods": an authority, made once and never again. What
 * each namespace gets is the other reconciler's of this room.
 */
export function planKeyServer(observed: Observed, now: Date): Plan<Step, KeyServerStatus> {
  const { keyServer, status, authority } = observed
  const { generation, deletionTimestamp } = keyServer.metadata
  const lost = authorityLost(observed)?.message
  const conditions = claimsOf(observed, lost).reduce<readonly Condition[]>(
    (said, claim) => withCondition(said, claim, now, generation),
    status.conditions ?? [],
  )
  const next: KeyServerStatus = {
    ...status,
    endpoint: sidecarEndpoint,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...recordedAuthority(observed),
    conditions,
  }
  const mayMake = deletionTimestamp === undefined && keyServer.spec.certificates.issuerRef === undefined
  if (mayMake && authority.is === 'missing' && !status.authority)
    return { status: next, step: { do: 'createAuthority' }, recheckMs: 0 }
  return { status: next, recheckMs: observed.keystore.is === 'usable' ? idleMs : pollMs }
}
