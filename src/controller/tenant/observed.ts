import type { KeyServerSpec } from '../../api/keyServer.ts'
import type { Found, StoredPair } from '../found.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

/**
 * What is recorded for ever about a namespace: each value the first time it is seen, in a ConfigMap beside the Secrets that it is about.
 * Texts, as a ConfigMap holds them.
 */
export interface TenantRecord {
  /** SHA-256 of the authority's certificate. Once recorded, a missing authority is an alarm and never a reason to make another one. */
  readonly authority?: string
  readonly authorityNotAfter?: string
  /** KES identity of MinIO. Once recorded, a missing key is an alarm: another key would be another identity, which KES refuses. */
  readonly identity?: string
  readonly clientNotAfter?: string
  readonly serverNotAfter?: string
  /** What a person has to mend: reason and sentence. */
  readonly problem?: string
}

/** A Secret in the Tenants' namespace. `foreign`: somebody else's; it is never written over. */
export type Handed =
  | { readonly is: 'missing' }
  | { readonly is: 'foreign' }
  | { readonly is: 'ours'; readonly pair: Found<StoredPair>; readonly authorityPem: string | undefined }

/** What is true about the Tenants of one namespace whose KES the operator runs with our certificates. */
export interface Observed {
  readonly namespace: string
  /** Nothing is begun without the label; what was begun is kept up without it. */
  readonly optedIn: boolean
  /** Names in the certificate that KES serves, of all of these Tenants; none: there is no such Tenant. */
  readonly dnsNames: readonly string[]
  readonly certificates: KeyServerSpec['certificates']
  readonly status: TenantRecord
  readonly authority: Found<AuthorityFacts>
  /** The client pair in the release namespace: the truth that MinIO's Secret is a copy of. */
  readonly client: Found<StoredPair>
  readonly clientIdentity: string | undefined
  readonly handedClient: Handed
  readonly handedServer: Handed
}
