import type { KeyServerStatus } from '../../api/keyServer.ts'
import { recordedAuthority } from '../keyServer/recordedAuthority.ts'
import type { Plan } from '../reconciler.ts'
import { claims, loss } from './conditions.ts'
import type { Observed } from './observed.ts'

export type Step = { readonly do: 'createAuthority' } | { readonly do: 'createKey'; readonly key: string }

/** It is somebody else's: there is no reason to ask it every two seconds. */
const pollMs = 15_000
const idleMs = 60_000

function recorded({ keyServer, status, authority, endpoints, admin, wantedKeys }: Observed): KeyServerStatus {
  const there = admin.is === 'known' ? admin.keys.there.filter((key) => wantedKeys.includes(key)) : []
  const keys = [...new Set([...(status.keys ?? []), ...there])].sort()
  const version = endpoints.flatMap(({ answer }) => (answer.is === 'answering' ? (answer.version ?? []) : []))[0]
  const { generation } = keyServer.metadata
  return {
    ...status,
    endpoint: endpoints.map(({ url }) => url).join(','),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...recordedAuthority({ status, authority }),
    ...(keys.length === 0 ? {} : { keys }),
    ...(version === undefined ? {} : { version }),
    replicas: endpoints.map(({ url, answer }) => ({
      pod: url,
      ...(answer.is === 'answering' && answer.certificateNotAfter
        ? { certificateNotAfter: answer.certificateNotAfter.toISOString() }
        : {}),
    })),
  }
}

/**
 * The one next step towards "namespaces can use a KES that somebody else runs".
 *
 * Little is ours there: an authority that signs the certificates of the clients, made once and recorded before anything is issued under
 * it; and, where we were given an administrator, the keys: each is made only where the server itself says that it does not exist, and
 * never again once it was seen.
 */
export function plan(observed: Observed, now: Date): Plan<Step, KeyServerStatus> {
  const { keyServer, status, authority, admin, wantedKeys, endpoints } = observed
  const record = recorded(observed)
  const next = { ...record, conditions: claims(observed, record, now) }
  const waiting = endpoints.some(({ answer }) => answer.is === 'unreachable') || admin.is === 'unknown'
  const rest = { status: next, recheckMs: waiting ? pollMs : idleMs }
  if (keyServer.metadata.deletionTimestamp !== undefined || loss(observed)) return rest
  if (authority.is === 'missing' && !status.authority) return { ...rest, step: { do: 'createAuthority' }, recheckMs: 0 }
  if (admin.is !== 'known') return rest
  const missing = wantedKeys.find((key) => admin.keys.missing.includes(key) && !(status.keys ?? []).includes(key))
  return missing === undefined ? rest : { ...rest, step: { do: 'createKey', key: missing }, recheckMs: 0 }
}
