import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import type { Found, StoredPair } from '../found.ts'
import type { Applied } from '../keyServer/applied.ts'
import type { PodFacts } from '../keyServer/podFacts.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

export interface AdminFacts {
  readonly identity: string
  readonly pair: StoredPair
}

/** What the one replica itself says when it is asked as the enclave's administrator. */
export type Server =
  | { readonly is: 'absent' }
  | { readonly is: 'unreachable'; readonly why: string }
  | {
      readonly is: 'answering'
      /** Every key that lies on its volume. */
      readonly keys: readonly string[]
      readonly certificateNotAfter: Date | undefined
      /** Undefined: not tried, because it is known already or the key for it is not there yet. */
      readonly predictableDataKeys: boolean | undefined
    }

/** What is true about one stateful KeyServer: from the API server, and from the server itself. */
export interface Observed {
  readonly keyServer: KeyServer
  readonly status: KeyServerStatus
  readonly endpoint: string
  /** Names in the certificate that KES serves. */
  readonly dnsNames: readonly string[]
  readonly authority: Found<AuthorityFacts>
  /** SHA-256 of the unseal key. */
  readonly unsealKey: Found<string>
  /** What the unseal key's Secret says of when the server first had its data. */
  readonly markedAt: string | undefined
  readonly systemAdmin: Found<AdminFacts>
  readonly enclaveAdmin: Found<AdminFacts>
  readonly serverCertificate: Found<StoredPair>
  readonly initConfig: boolean
  readonly service: Applied
  readonly statefulSet: Applied
  /** `current` as well where none is wanted. */
  readonly networkPolicy: Applied
  readonly pod: PodFacts | undefined
  readonly server: Server
  /** Keys to make sure of: declared ones and the default keys of the identities. */
  readonly wantedKeys: readonly string[]
}
