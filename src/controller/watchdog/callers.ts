import type { AuditedCall } from '../../kes/auditLog.ts'

/** What the audit logs of the stateful key servers have told since they are followed, kept in memory. */
export interface Callers {
  /** The log of a key server is being followed from now on: what came before is not known. */
  begins(keyServer: string, at: Date): void
  /** It is not followed any more. */
  ends(keyServer: string): void
  /** `admin`: the identity of the enclave's administrator, which is the controller. */
  heard(call: AuditedCall, admin: string | undefined): void
  followedSince(keyServer: string): Date | undefined
  /** When somebody other than the controller last called with this identity. */
  seenAt(identity: string): Date | undefined
}

/** The calls that the controller makes with identities of others, to try them. MinIO makes them too, but others as well. */
const triedPath = /^\/v1\/key\/(generate|decrypt)\//

/** Identities that were never heard of cost nothing; this many are more than a server has namespaces. */
const mostIdentities = 10_000

/**
 * The controller tries identities with calls of its own, so a call proves something only where it is of another kind (MinIO describes
 * its default key each 10 s, facts: KES E), or comes from another address than the administrator's.
 */
export function newCallers(): Callers {
  const since = new Map<string, Date>()
  const seen = new Map<string, Date>()
  const own = new Set<string>()
  return {
    begins: (keyServer, at) => void since.set(keyServer, at),
    ends: (keyServer) => void since.delete(keyServer),
    heard({ identity, path, ip, at }, admin) {
      if (identity === admin) {
        if (ip !== undefined) own.add(ip)
        return
      }
      const anothers = !triedPath.test(path) || (ip !== undefined && own.size > 0 && !own.has(ip))
      if (anothers && (seen.has(identity) || seen.size < mostIdentities)) seen.set(identity, at)
    },
    followedSince: (keyServer) => since.get(keyServer),
    seenAt: (identity) => seen.get(identity),
  }
}
