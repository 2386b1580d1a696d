import { durationMs } from '../../api/duration.ts'
import type { KeyServerStatus } from '../../api/keyServer.ts'
import { violation } from '../../pki/renewal.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import type { Plan } from '../reconciler.ts'
import { claims } from './conditions.ts'
import { loss } from './losses.ts'
import type { Observed } from './observed.ts'

export type Step =
  | { readonly do: 'createAuthority' }
  | { readonly do: 'createUnsealKey' }
  | { readonly do: 'createAdmin'; readonly admin: 'system' | 'enclave' }
  | { readonly do: 'issueServerCertificate' }
  | { readonly do: 'writeInitConfig' }
  | { readonly do: 'removeInitConfig' }
  | { readonly do: 'applyService' }
  | { readonly do: 'applyStatefulSet' }
  | { readonly do: 'applyNetworkPolicy' }
  | { readonly do: 'markInitialized' }
  | { readonly do: 'createKey'; readonly key: string }

const pollMs = 2_000
const idleMs = 60_000

/** When the server was first seen with its data: what is recorded, or what the unseal key's Secret says, or now. */
function firstSeen(
  { status, markedAt }: Observed,
  keys: readonly string[],
  now: Date,
): Pick<KeyServerStatus, 'initializedAt'> {
  if (status.initializedAt !== undefined) return {}
  if (markedAt !== undefined) return { initializedAt: markedAt }
  return keys.includes(checkKey) ? { initializedAt: now.toISOString() } : {}
}

/** What the status records for ever: each value the first time it is seen, and never another one. */
function recorded(observed: Observed, now: Date): KeyServerStatus {
  const { status, authority, unsealKey, systemAdmin, enclaveAdmin, server } = observed
  const keys = server.is === 'answering' ? server.keys : []
  const wanted = new Set(observed.wantedKeys)
  const seen = [
    ...new Set([...(status.keys ?? []), ...keys.filter((key) => wanted.has(key) || key === checkKey)]),
  ].sort()
  return {
    ...status,
    endpoint: observed.endpoint,
    ...(observed.keyServer.metadata.generation === undefined
      ? {}
      : { observedGeneration: observed.keyServer.metadata.generation }),
    ...(status.authority || authority.is !== 'found'
      ? {}
      : {
          authority: {
            fingerprint: authority.value.fingerprint,
            notAfter: authority.value.notAfter.toISOString(),
            generation: 1,
          },
        }),
    ...(status.unsealKey || unsealKey.is !== 'found' ? {} : { unsealKey: { fingerprint: unsealKey.value } }),
    ...(status.admin || systemAdmin.is !== 'found' || enclaveAdmin.is !== 'found'
      ? {}
      : { admin: { system: systemAdmin.value.identity, enclave: enclaveAdmin.value.identity } }),
    ...firstSeen(observed, keys, now),
    ...(seen.length === 0 ? {} : { keys: seen }),
    ...(observed.pod
      ? {
          replicas: [
            {
              pod: observed.pod.name,
              ...(observed.pod.startedAt === undefined ? {} : { startedAt: observed.pod.startedAt }),
              ...(server.is === 'answering' && server.certificateNotAfter
                ? { certificateNotAfter: server.certificateNotAfter.toISOString() }
                : {}),
            },
          ],
        }
      : { replicas: [] }),
  }
}

/** The material that everything else is made from, in the order in which it is needed. Only what was never recorded is made. */
function materialStep({ status, authority, unsealKey, systemAdmin, enclaveAdmin }: Observed): Step | undefined {
  if (authority.is === 'missing' && !status.authority) return { do: 'createAuthority' }
  if (unsealKey.is === 'missing' && !status.unsealKey) return { do: 'createUnsealKey' }
  if (systemAdmin.is === 'missing' && !status.admin) return { do: 'createAdmin', admin: 'system' }
  if (enclaveAdmin.is === 'missing' && !status.admin) return { do: 'createAdmin', admin: 'enclave' }
  return undefined
}

export function serverCertificateDue(observed: Observed, now: Date): boolean {
  const { keyServer, authority, serverCertificate, dnsNames } = observed
  if (authority.is !== 'found') return false
  const { certificates } = keyServer.spec
  return (
    violation(
      serverCertificate.is === 'found' ? serverCertificate.value.pem : undefined,
      {
        usages: ['server'],
        dnsNames,
        ipAddresses: [],
        authorityPem: authority.value.certificatePem,
        lifetimeMs: durationMs(certificates.server),
        renewAt: certificates.renewAt,
        jitterSeed: `${keyServer.metadata.name}-server`,
      },
      now,
    ) !== undefined
  )
}

/** Nothing is ever issued under an authority that clients do not trust. */
const isRecordedAuthority = ({ status, authority }: Observed): boolean =>
  authority.is === 'found' && authority.value.fingerprint === status.authority?.fingerprint

/** The workload that runs the server, once all that it mounts is there. */
function workloadStep(observed: Observed): Step | undefined {
  const { status, markedAt, initConfig, networkPolicy, service, statefulSet, server } = observed
  const initialized = status.initializedAt !== undefined
  // Without init.yml an empty volume is refused by the launcher: this is what keeps a lost volume from becoming a new key server.
  if (!initialized && !initConfig) return { do: 'writeInitConfig' }
  // A KeyServer that is restored without its status must know it as well.
  if (initialized && markedAt === undefined) return { do: 'markInitialized' }
  if (networkPolicy !== 'current') return { do: 'applyNetworkPolicy' }
  if (service !== 'current') return { do: 'applyService' }
  if (statefulSet !== 'current') return { do: 'applyStatefulSet' }
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
 * recorded is never made again. So a crash after any step ends in the same server. A loss stops all of it but the renewal of what
 * KES serves: those who work go on working.
 */
export function plan(observed: Observed, now: Date): Plan<Step, KeyServerStatus> {
  const lost = loss(observed)
  const record = recorded(observed, now)
  const status = { ...record, conditions: claims(observed, record, lost, now) }
  if (observed.keyServer.metadata.deletionTimestamp !== undefined) return { status, recheckMs: idleMs }
  const renewal = serverCertificateDue(observed, now) ? ({ do: 'issueServerCertificate' } as const) : undefined
  if (lost) {
    const renewable = renewal && isRecordedAuthority(observed) && observed.serverCertificate.is === 'found'
    return renewable ? { status, step: renewal, recheckMs: 0 } : { status, recheckMs: idleMs }
  }

  const step = materialStep(observed) ?? renewal ?? workloadStep(observed) ?? keyStep(observed)
  if (step) return { status, step, recheckMs: 0 }
  return { status, recheckMs: observed.server.is === 'answering' ? idleMs : pollMs }
}
