import type { KeyServerStatus } from '../../api/keyServer.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import { authorityStep, renewalStep, type CertificateStep } from '../keyServer/servedCertificate.ts'
import type { Plan } from '../reconciler.ts'
import { claims } from './conditions.ts'
import { loss } from './losses.ts'
import type { Observed } from './observed.ts'
import { recorded } from './record.ts'
import { refusal } from './refusals.ts'

export type Step =
  | CertificateStep
  | { readonly do: 'createUnsealKey' }
  | { readonly do: 'createAdmin'; readonly admin: 'system' | 'enclave' }
  /** Of a server that was made by hand: what it was made with becomes ours, unchanged. */
  | { readonly do: 'takeAuthority' }
  | { readonly do: 'takeUnsealKey' }
  | { readonly do: 'takeAdmin'; readonly admin: 'system' | 'enclave' }
  | { readonly do: 'writeInitConfig' }
  | { readonly do: 'removeInitConfig' }
  | { readonly do: 'applyService' }
  | { readonly do: 'applyStatefulSet' }
  /** A pod of a former template that does not come up. */
  | { readonly do: 'replacePod' }
  | { readonly do: 'applyNetworkPolicy' }
  | { readonly do: 'markInitialized' }
  | { readonly do: 'createKey'; readonly key: string }

const pollMs = 2_000
const idleMs = 60_000

/** The material that everything else is made from, in the order in which it is needed. Only what was never recorded is made, or taken over. */
function materialStep(observed: Observed, now: Date): Step | 'wait' | undefined {
  const { status, existing, unsealKey, systemAdmin, enclaveAdmin } = observed
  const authority = authorityStep(observed, now)
  if (authority) return existing && existing.authority !== 'notGiven' ? { do: 'takeAuthority' } : authority
  if (unsealKey.is === 'missing' && !status.unsealKey) return { do: existing ? 'takeUnsealKey' : 'createUnsealKey' }
  const administrator = existing ? 'takeAdmin' : 'createAdmin'
  if (systemAdmin.is === 'missing' && !status.admin && existing?.systemAdmin !== 'notGiven')
    return { do: administrator, admin: 'system' }
  if (enclaveAdmin.is === 'missing' && !status.admin) return { do: administrator, admin: 'enclave' }
  return undefined
}

/** Nothing is ever issued under an authority that clients do not trust. */
const isRecordedAuthority = ({ status, authority }: Observed): boolean =>
  authority.is === 'found' && authority.value.fingerprint === status.authority?.fingerprint

/** The workload that runs the server, once all that it mounts is there. */
function workloadStep(observed: Observed): Step | undefined {
  const { status, existing, markedAt, initConfig, networkPolicy, service, statefulSet, podStuck, server } = observed
  const initialized = status.initializedAt !== undefined
  // Without init.yml an empty volume is refused by the launcher: this is what keeps a lost volume from becoming a new key server.
  if (!initialized && !initConfig && !existing) return { do: 'writeInitConfig' }
  // A KeyServer that is restored without its status must know it as well.
  if (initialized && markedAt === undefined) return { do: 'markInitialized' }
  if (networkPolicy !== 'current') return { do: 'applyNetworkPolicy' }
  if (service !== 'current') return { do: 'applyService' }
  if (statefulSet !== 'current') return { do: 'applyStatefulSet' }
  if (podStuck) return { do: 'replacePod' }
  if (initialized && initConfig && server.is === 'answering') return { do: 'removeInitConfig' }
  return undefined
}

/** The check key first: everything else waits until the server is recorded as initialised. */
function keyStep({ status, server, wantedKeys }: Observed): Step | undefined {
  if (server.is !== 'answering') return undefined
  const wanted = status.initializedAt === undefined ? [checkKey] : [checkKey, ...wantedKeys]
  const missing = wanted.find((key) => !server.keys.includes(key) && !(status.keys ?? []).includes(key))
  return missing === undefined ? undefined : { do: 'createKey', key: missing }
}

/**
 * The one next step towards "a stateful KES that answers, with every wanted key".
 *
 * The order is the promise. Material is made only where the status never recorded any; it is recorded before anything is built on it;
 * the server is recorded as initialised before the first key that somebody may encrypt with is made; and a key that was ever
 * recorded is never made again. So a crash after any step ends in the same server. A loss, or a wish that would end in one, stops all
 * of it but the renewal of what KES serves: those who work go on working.
 */
export function plan(observed: Observed, now: Date): Plan<Step, KeyServerStatus> {
  const stop = loss(observed) ?? refusal(observed)
  const record = recorded(observed, now)
  const status = { ...record, conditions: claims(observed, record, stop, now) }
  if (observed.keyServer.metadata.deletionTimestamp !== undefined) return { status, recheckMs: idleMs }
  const renewal = renewalStep(observed, now)
  if (stop) {
    const renewable = isRecordedAuthority(observed) && observed.serverCertificate.is === 'found'
    if (renewable && renewal && renewal !== 'wait') return { status, step: renewal, recheckMs: 0 }
    // Nobody tells of a pod of others that has ended.
    return { status, recheckMs: stop.reason === 'VolumeInUse' ? pollMs : idleMs }
  }

  const step = materialStep(observed, now) ?? renewal ?? workloadStep(observed) ?? keyStep(observed)
  if (step === 'wait') return { status, recheckMs: pollMs }
  if (step) return { status, step, recheckMs: 0 }
  return { status, recheckMs: observed.server.is === 'answering' ? idleMs : pollMs }
}
