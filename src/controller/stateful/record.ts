import type { KeyServerStatus } from '../../api/keyServer.ts'
import { recordedAuthority } from '../keyServer/recordedAuthority.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import type { Observed } from './observed.ts'

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

/** Keys that were seen and count: wanted ones; of a server that was taken over, all that it had then. */
function keysSeen({ status, existing, wantedKeys, server }: Observed): readonly string[] {
  if (server.is !== 'answering') return status.keys ?? []
  const wanted = new Set([checkKey, ...wantedKeys])
  const all = existing !== undefined && status.keys === undefined
  return [...new Set([...(status.keys ?? []), ...server.keys.filter((key) => all || wanted.has(key))])].sort()
}

function administrators({ status, existing, systemAdmin, enclaveAdmin }: Observed): Pick<KeyServerStatus, 'admin'> {
  if (status.admin || enclaveAdmin.is !== 'found') return {}
  if (existing?.systemAdmin === 'notGiven') return { admin: { system: '', enclave: enclaveAdmin.value.identity } }
  if (systemAdmin.is !== 'found') return {}
  return { admin: { system: systemAdmin.value.identity, enclave: enclaveAdmin.value.identity } }
}

function replicas({ pod, server }: Observed): NonNullable<KeyServerStatus['replicas']> {
  if (!pod) return []
  const answered = server.is === 'answering' ? server : undefined
  return [
    {
      pod: pod.name,
      ...(pod.startedAt === undefined ? {} : { startedAt: pod.startedAt }),
      ...(answered ? { kesStartedAt: answered.startedAt } : {}),
      ...(answered?.certificateNotAfter ? { certificateNotAfter: answered.certificateNotAfter.toISOString() } : {}),
    },
  ]
}

/** What the status records for ever: each value the first time it is seen, and never another one; and what is true of the replica now. */
export function recorded(observed: Observed, now: Date): KeyServerStatus {
  const { status, unsealKey, server, keyServer } = observed
  const keys = keysSeen(observed)
  const { generation } = keyServer.metadata
  return {
    ...status,
    endpoint: observed.endpoint,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...recordedAuthority(observed),
    ...(status.unsealKey || unsealKey.is !== 'found' ? {} : { unsealKey: { fingerprint: unsealKey.value } }),
    ...administrators(observed),
    ...firstSeen(observed, server.is === 'answering' ? server.keys : [], now),
    ...(keys.length === 0 ? {} : { keys: [...keys] }),
    replicas: replicas(observed),
  }
}
