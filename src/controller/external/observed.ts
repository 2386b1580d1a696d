import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import type { Dialect } from '../../kes/dialect.ts'
import type { Found } from '../found.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

/** What one endpoint answered over TLS that its authority vouches for. */
export interface Endpoint {
  readonly url: string
  readonly answer:
    | { readonly is: 'answering'; readonly version: string | undefined; readonly certificateNotAfter: Date | undefined }
    | { readonly is: 'unreachable'; readonly why: string }
}

/** The administrator, where there is one. */
export type Admin =
  | { readonly is: 'none' }
  | { readonly is: 'unknown'; readonly why: string }
  /** The server knows the pair, and not as an administrator's. */
  | { readonly is: 'refused' }
  | {
      readonly is: 'known'
      readonly dialect: Dialect
      /** Of the keys that are wanted or recorded: those that the server has, and those of which it says that they do not exist. */
      readonly keys: { readonly there: readonly string[]; readonly missing: readonly string[] }
    }

/** What is true about a key server that somebody else runs. */
export interface Observed {
  readonly keyServer: KeyServer
  readonly status: KeyServerStatus
  /** What its clients are to trust. */
  readonly trust: Found<string>
  /** Ours: it signs the certificates of the clients. */
  readonly authority: Found<AuthorityFacts>
  readonly endpoints: readonly Endpoint[]
  readonly admin: Admin
  readonly wantedKeys: readonly string[]
}
