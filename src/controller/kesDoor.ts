import type { KeyServer } from '../api/keyServer.ts'
import type { AuditedCall } from '../kes/auditLog.ts'
import type { StatefulKes } from '../kes/statefulClient.ts'
import type { PairPem } from '../pki/pair.ts'

/**
 * The way to a key server's replica. Every call goes to the pod itself, not through the Service, so that what is observed is that
 * replica; the certificate is checked against the name that MinIO dials.
 *
 * Throws KesError; a server without a running pod or without its Secrets is `Unreachable`.
 */
export interface KesDoor {
  asAdmin<T>(keyServer: KeyServer, call: (kes: StatefulKes) => Promise<T>): Promise<T>
  /** On a connection of its own and without TLS resumption: only so does the server see this very identity (facts: KES D.3). */
  as<T>(keyServer: KeyServer, pair: PairPem, call: (kes: StatefulKes) => Promise<T>): Promise<T>
  /**
   * Tells every call that a stateful KES is asked, from now on, the controller's own among them. Resolves when the signal is aborted,
   * rejects when the stream breaks.
   */
  followCalls(keyServer: KeyServer, onCall: (call: AuditedCall) => void, signal: AbortSignal): Promise<void>
}
