import type { KeyServer } from '../api/keyServer.ts'
import type { KesError } from '../kes/kesError.ts'
import type { ServerKes } from '../kes/serverClient.ts'
import type { PairPem } from '../pki/pair.ts'

/** What one replica answered, or why it did not. */
export interface ReplicaAnswer<T> {
  readonly pod: string
  readonly answer: T | KesError
}

/**
 * The way to every replica of a current KES, one by one: each call goes to the pod itself, so that what is observed is that replica.
 * A replica without a running pod answers `Unreachable`.
 */
export interface ReplicaDoor {
  eachAsAdmin<T>(
    keyServer: KeyServer,
    call: (kes: ServerKes, pod: string) => Promise<T>,
  ): Promise<readonly ReplicaAnswer<T>[]>
  /** On connections of their own and without TLS resumption: only so does a server see this very identity (facts: KES D.3). */
  eachAs<T>(
    keyServer: KeyServer,
    pair: PairPem,
    call: (kes: ServerKes, pod: string) => Promise<T>,
  ): Promise<readonly ReplicaAnswer<T>[]>
}

/** The names of the pods of a key server, in order. */
export const replicaNames = (workload: string, replicas: number): readonly string[] =>
  Array.from({ length: replicas }, (_, ordinal) => `${workload}-${ordinal}`)
