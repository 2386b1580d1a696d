import { tenantClientSecretName, tenantServerSecretName } from '../../api/names.ts'
import { durationMs } from '../../api/duration.ts'
import { identityOfSpki } from '../../kes/identity.ts'
import { violation, type Violation } from '../../pki/renewal.ts'
import type { Plan } from '../reconciler.ts'
import type { Observed, TenantRecord } from './observed.ts'

export type Step =
  | { readonly do: 'createAuthority' }
  /** The one key of this namespace's MinIO. */
  | { readonly do: 'createClient' }
  /** The kept pair is gone, but MinIO's Secret still holds the very one that was recorded: nothing changes for anybody. */
  | { readonly do: 'takeBackClient' }
  /** A new certificate for the same key. */
  | { readonly do: 'renewClient'; readonly why: Violation['reason'] }
  | { readonly do: 'handOutClient' }
  /** A certificate for the key that KES has, or for the first one. */
  | { readonly do: 'issueServer'; readonly why: Violation['reason'] }

const idleMs = 60_000

/** A full stop: what to mend, in a sentence that begins with its reason. */
function problemOf({ status, authority, client, clientIdentity, handedClient, handedServer }: Observed) {
  if (authority.is === 'broken') return `AuthorityLost: the authority's Secret cannot be read (${authority.why})`
  const handedOnce = handedClient.is === 'ours' || handedServer.is === 'ours'
  if (authority.is === 'missing' && (status.authority !== undefined || handedOnce))
    // MinIO reads its trust only at its start: another authority would shut every running MinIO out of KES.
    return "AuthorityLost: the authority's Secret is gone. Restore it from a backup; the certificates in use go on working"
  if (authority.is === 'found' && status.authority !== undefined && authority.value.fingerprint !== status.authority)
    return 'AuthorityLost: the authority is not the one that was recorded. Restore its Secret from a backup'
  if (client.is === 'broken') return `ClientLost: the kept client pair cannot be read (${client.why})`
  const hadClient = status.identity !== undefined || handedClient.is === 'ours'
  if (client.is === 'missing' && hadClient && !holdsRecordedPair({ status, handedClient }))
    return 'ClientLost: the client pair is gone. Restore its Secret from a backup: another key would be another identity, which KES refuses'
  if (client.is === 'found' && status.identity !== undefined && clientIdentity !== status.identity)
    return 'ClientLost: the kept client pair has not the identity that was recorded. Restore its Secret from a backup'
  const foreign = [
    ...(handedClient.is === 'foreign' ? [tenantClientSecretName] : []),
    ...(handedServer.is === 'foreign' ? [tenantServerSecretName] : []),
  ]
  if (foreign.length > 0)
    return `SecretConflict: the Secret ${foreign.join(' and ')} is not one of kes-injector's; rename or delete it, it is not written over`
  return undefined
}

/** Whoever may write Secrets beside the Tenant could lay a key of their own there: only the recorded one is ours. */
const holdsRecordedPair = ({ status, handedClient }: Pick<Observed, 'status' | 'handedClient'>): boolean =>
  handedClient.is === 'ours' &&
  handedClient.pair.is === 'found' &&
  identityOfSpki(handedClient.pair.value.spki) === status.identity

function clientDue({ namespace, client, authority, certificates }: Observed, now: Date): Violation | undefined {
  if (client.is !== 'found' || authority.is !== 'found') return undefined
  return violation(
    client.value.pem,
    {
      usages: ['client'],
      dnsNames: [],
      ipAddresses: [],
      authorityPem: authority.value.certificatePem,
      lifetimeMs: durationMs(certificates.client),
      renewAt: certificates.renewAt,
      jitterSeed: `${namespace}/client`,
    },
    now,
  )
}

function serverDue(observed: Observed, now: Date): Violation | undefined {
  const { namespace, handedServer, authority, certificates, dnsNames } = observed
  if (authority.is !== 'found') return undefined
  const current =
    handedServer.is === 'ours' && handedServer.pair.is === 'found' ? handedServer.pair.value.pem : undefined
  return violation(
    current,
    {
      usages: ['server'],
      dnsNames,
      ipAddresses: [],
      authorityPem: authority.value.certificatePem,
      lifetimeMs: durationMs(certificates.server),
      renewAt: certificates.renewAt,
      jitterSeed: `${namespace}/server`,
    },
    now,
  )
}

/** Whether MinIO's Secret is a copy of the kept pair, with the authority. */
function handedOut({ client, authority, handedClient }: Observed): boolean {
  if (client.is !== 'found' || authority.is !== 'found' || handedClient.is !== 'ours') return false
  const { pair, authorityPem } = handedClient
  return (
    pair.is === 'found' &&
    pair.value.pem.certificatePem === client.value.pem.certificatePem &&
    pair.value.pem.keyPem === client.value.pem.keyPem &&
    authorityPem === authority.value.certificatePem
  )
}

/** Each value the first time it is seen, and never another one; dates and problem as they are now. */
function recorded(observed: Observed, problem: string | undefined): TenantRecord {
  const { status, authority, client, clientIdentity, handedServer } = observed
  const { problem: _, ...rest } = status
  if (problem !== undefined) return { ...rest, problem }
  return {
    ...rest,
    ...(authority.is === 'found'
      ? { authority: authority.value.fingerprint, authorityNotAfter: authority.value.notAfter.toISOString() }
      : {}),
    ...(client.is === 'found' && clientIdentity !== undefined
      ? { identity: clientIdentity, clientNotAfter: client.value.notAfter.toISOString() }
      : {}),
    ...(handedServer.is === 'ours' && handedServer.pair.is === 'found'
      ? { serverNotAfter: handedServer.pair.value.notAfter.toISOString() }
      : {}),
  }
}

function nextStep(observed: Observed, now: Date): Step | undefined {
  const { authority, client } = observed
  if (authority.is === 'missing') return { do: 'createAuthority' }
  if (client.is === 'missing') return { do: observed.status.identity === undefined ? 'createClient' : 'takeBackClient' }
  const [ofClient, ofServer] = [clientDue(observed, now), serverDue(observed, now)]
  if (ofClient) return { do: 'renewClient', why: ofClient.reason }
  if (ofServer) return { do: 'issueServer', why: ofServer.reason }
  return handedOut(observed) ? undefined : { do: 'handOutClient' }
}

/**
 * The one next step towards "the operator's KES and its MinIO hold certificates of one authority that do not run out".
 *
 * Authority and key are recorded before anybody is given anything of them, and never made a second time: a loss is a full stop with the
 * certificates in use left working. A renewal keeps the key, and so the identity.
 */
export function plan(observed: Observed, now: Date): Plan<Step, TenantRecord> {
  const begun = observed.status.authority !== undefined
  if (observed.dnsNames.length === 0 || !(begun || observed.optedIn))
    return { status: observed.status, recheckMs: idleMs }
  const problem = problemOf(observed)
  const status = recorded(observed, problem)
  if (problem !== undefined) return { status, recheckMs: idleMs }
  const step = nextStep(observed, now)
  return step ? { status, step, recheckMs: 0 } : { status, recheckMs: idleMs }
}
