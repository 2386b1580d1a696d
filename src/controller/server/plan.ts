import { durationMs } from '../../api/duration.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import { renewalTime, violation } from '../../pki/renewal.ts'
import type { Found, StoredPair } from '../found.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import { authorityStep, renewalStep, type CertificateStep } from '../keyServer/servedCertificate.ts'
import type { Plan } from '../reconciler.ts'
import { claims } from './conditions.ts'
import { heldBack } from './heldBack.ts'
import { loss } from './losses.ts'
import { tokenOf, type Observed } from './observed.ts'
import { recorded } from './record.ts'

export type Step =
  | CertificateStep
  | { readonly do: 'issueAdmin' }
  | { readonly do: 'writeConfiguration' }
  /** Makes the kubelets sync what was written now instead of within a minute or two. */
  | { readonly do: 'tellPods'; readonly token: string; readonly pods: readonly string[] }
  | { readonly do: 'applyNetworkPolicy' }
  | { readonly do: 'applyService' }
  | { readonly do: 'applyBudget' }
  | { readonly do: 'applyStatefulSet' }
  /** A pod that does not come up with what is not wanted any more. */
  | { readonly do: 'replacePod'; readonly pod: string }
  /** All that are missing: one that the key store refuses keeps no other one waiting. */
  | { readonly do: 'createKeys'; readonly keys: readonly string[] }

const pollMs = 2_000
const idleMs = 30_000

/** KES looks at its certificate every fifteen minutes even where nobody tells it to, so a new one must lie there twice that long before. */
const leastAheadMs = 30 * 60_000

const jitterSeed = ({ keyServer }: Observed): string => `${keyServer.metadata.name}-client`

const isEnding = (stored: Found<StoredPair>, now: Date): boolean =>
  stored.is !== 'found' || stored.value.notAfter.getTime() - now.getTime() < leastAheadMs

/** KES knows its administrator by the key alone. Where nobody here can issue, the key vouches for itself. */
function adminDue(observed: Observed, now: Date): boolean {
  const { keyServer, authority, admin } = observed
  if (authority.is !== 'found') return false
  const { client, renewAt, issuerRef } = keyServer.spec.certificates
  if (admin.is !== 'found' || isEnding(admin, now)) return true
  if (issuerRef) return now >= renewalTime(admin.value, renewAt, jitterSeed(observed))
  const wanted = {
    usages: ['client'],
    dnsNames: [],
    ipAddresses: [],
    authorityPem: authority.value.certificatePem,
    lifetimeMs: durationMs(client),
    renewAt,
    jitterSeed: jitterSeed(observed),
  } as const
  return violation(admin.value.pem, wanted, now) !== undefined
}

/** What is due for the certificate that KES serves. KES must have time to find a new one, so one that is about to end is due as well. */
function servedStep(observed: Observed, now: Date): CertificateStep | 'wait' | undefined {
  const next = renewalStep(observed, now)
  if (next || observed.authority.is !== 'found' || observed.issuance.is !== 'ours') return next
  return isEnding(observed.serverCertificate, now) ? { do: 'issueServerCertificate' } : undefined
}

/** Nothing is ever issued under an authority that clients do not trust. */
const isRecordedAuthority = ({ status, authority }: Observed): boolean =>
  authority.is === 'found' && authority.value.fingerprint === status.authority?.fingerprint

/** A certificate waits as well, as long as there is time. */
function certificateStep(observed: Observed, now: Date): Step | 'wait' | undefined {
  if (adminDue(observed, now)) return { do: 'issueAdmin' }
  const next = servedStep(observed, now)
  return heldBack(observed) && !isEnding(observed.serverCertificate, now) ? undefined : next
}

function configurationStep(observed: Observed): Step | undefined {
  const { wanted, written, replicas } = observed
  if (wanted && (written?.differs ?? true) && !heldBack(observed)) return { do: 'writeConfiguration' }
  const token = tokenOf(observed)
  if (token === undefined) return undefined
  const untold = replicas.filter(({ facts, told }) => facts?.ip !== undefined && told !== token)
  return untold.length === 0 ? undefined : { do: 'tellPods', token, pods: untold.map(({ pod }) => pod) }
}

/** The pods come once there is a configuration: KES does not start without one, nor without its key store. */
function workloadStep({ written, networkPolicy, service, budget, statefulSet, replicas }: Observed): Step | undefined {
  if (!written) return undefined
  if (networkPolicy !== 'current') return { do: 'applyNetworkPolicy' }
  if (service !== 'current') return { do: 'applyService' }
  if (budget !== 'current') return { do: 'applyBudget' }
  if (statefulSet !== 'current') return { do: 'applyStatefulSet' }
  const stuck = replicas.find((replica) => replica.stuck)
  return stuck && { do: 'replacePod', pod: stuck.pod }
}

/** The check key first. Only what KES itself says does not exist, and what was never seen, is made. */
function keyStep({ status, keys, wantedKeys }: Observed): Step | undefined {
  const wanted = status.initializedAt === undefined ? [checkKey] : [checkKey, ...wantedKeys]
  const missing = wanted.filter((key) => keys.absent.includes(key) && !(status.keys ?? []).includes(key))
  return missing.length === 0 ? undefined : { do: 'createKeys', keys: missing }
}

const isSettled = ({ written, replicas }: Observed): boolean =>
  written !== undefined &&
  replicas.every(
    ({ server }) => server.is === 'answering' && server.keystoreReachable && server.loaded === written.hash,
  )

/**
 * The one next step towards "every replica answers, has loaded the newest configuration, and every wanted key exists".
 *
 * The order is the promise. An authority is made only where the status never recorded one; a key only where KES itself says that it
 * does not exist and the status never recorded it; a configuration is written only whole and only where KES would take it, so the last
 * good one goes on serving. A loss stops all but the renewal of what KES serves: those who work go on working.
 */
export function plan(observed: Observed, now: Date): Plan<Step, KeyServerStatus> {
  const lost = loss(observed)
  const record = recorded(observed, now)
  const status = { ...record, conditions: claims(observed, record, lost, now) }
  const { keyServer, serverCertificate } = observed
  if (keyServer.metadata.deletionTimestamp !== undefined) return { status, recheckMs: idleMs }
  if (lost) {
    const renewal =
      isRecordedAuthority(observed) && serverCertificate.is === 'found' ? servedStep(observed, now) : undefined
    return renewal && renewal !== 'wait' ? { status, step: renewal, recheckMs: 0 } : { status, recheckMs: idleMs }
  }
  const step =
    authorityStep(observed, now) ??
    certificateStep(observed, now) ??
    configurationStep(observed) ??
    workloadStep(observed) ??
    keyStep(observed)
  if (step === 'wait') return { status, recheckMs: pollMs }
  if (step) return { status, step, recheckMs: 0 }
  return { status, recheckMs: isSettled(observed) ? idleMs : pollMs }
}
