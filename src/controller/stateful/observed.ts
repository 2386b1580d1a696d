import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import type { Found, StoredPair } from '../found.ts'
import type { Issuance } from '../issuance/issuer.ts'
import type { Applied } from '../keyServer/applied.ts'
import type { PodFacts } from '../keyServer/podFacts.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

export interface AdminFacts {
  readonly identity: string
  readonly pair: StoredPair
}

/** What a server was made with by hand, as the Secrets that `spec.stateful.existing` names have it. */
export interface Existing {
  /** SHA-256 of the unseal key. */
  readonly unsealKey: Found<string>
  readonly enclaveAdmin: Found<AdminFacts>
  readonly systemAdmin: Found<AdminFacts> | 'notGiven'
  readonly authority: Found<AuthorityFacts> | 'notGiven'
}

/** What the one replica itself says when it is asked as the enclave's administrator. */
export type Server =
  | { readonly is: 'absent' }
  | { readonly is: 'unreachable'; readonly why: string; readonly loading?: boolean }
  | {
      readonly is: 'answering'
      /** Every key that lies on its volume. All of them are in its memory: listing loads them, one after the other. */
      readonly keys: readonly string[]
      readonly certificateNotAfter: Date | undefined
      /** When the process started; the very text that the status has where it is still the same process. */
      readonly startedAt: string
      /** Undefined: not tried, because it is known of this process or the key for it is not there yet. */
      readonly predictableDataKeys: boolean | undefined
    }

/** What is true about one stateful KeyServer: from the API server, and from the server itself. */
export interface Observed {
  readonly keyServer: KeyServer
  readonly status: KeyServerStatus
  readonly endpoint: string
  /** Names in the certificate that KES serves. */
  readonly dnsNames: readonly string[]
  /** The image that the server shall run. */
  readonly image: string
  /** Undefined: the server is one of our own making. */
  readonly existing: Existing | undefined
  readonly authority: Found<AuthorityFacts>
  /** SHA-256 of the unseal key. */
  readonly unsealKey: Found<string>
  /** What the unseal key's Secret says of when the server first had its data. */
  readonly markedAt: string | undefined
  readonly systemAdmin: Found<AdminFacts>
  readonly enclaveAdmin: Found<AdminFacts>
  readonly serverCertificate: Found<StoredPair>
  /** How far an issuer elsewhere has come; `ours` where our own authority signs. */
  readonly issuance: Issuance
  readonly initConfig: boolean
  readonly service: Applied
  /** `differs` as well where somebody scaled it. */
  readonly statefulSet: Applied
  /** `current` as well where none is wanted. */
  readonly networkPolicy: Applied
  readonly pod: PodFacts | undefined
  /** The pod is of a former template and does not come up: a StatefulSet waits for such a pod for ever. */
  readonly podStuck: boolean
  /** Another pod that has the server's volume, looked for before the set is written. */
  readonly mountedBy: string | undefined
  readonly server: Server
  /** Keys to make sure of: declared ones and those of the identities. */
  readonly wantedKeys: readonly string[]
}
