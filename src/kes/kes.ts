import type { CertificateFacts } from '../pki/certificateFacts.ts'
import type { KesPolicy } from './policy.ts'

export interface KeyDescription {
  readonly name: string
  /** Differs when a key of this name was made anew: remember it to notice that. A current KES has none. */
  readonly id: string | undefined
  readonly algorithm: string | undefined
  readonly createdAt: Date
  readonly createdBy: string | undefined
}

export interface IdentityDescription {
  readonly policy: string | undefined
  readonly isAdmin: boolean
}

export interface DataKey {
  readonly plaintext: Buffer
  readonly ciphertext: Buffer
}

/** What every KES answers, stateful or current, as one identity sees it. Every method is one request and throws KesError. */
export interface Kes {
  /** Answered to any certificate, an unknown identity's too: shows that KES is up, and nothing more. */
  version(): Promise<string>
  status(): Promise<{ readonly version: string; readonly upMs: number }>
  /** Undefined only when KES itself says that the key does not exist: never because it could not look. */
  describeKey(name: string): Promise<KeyDescription | undefined>
  /** DANGER on a stateful KES: replaces a key that it has not in memory. Only right after `describeKey` has answered undefined. */
  createKey(name: string): Promise<void>
  generate(name: string, context?: Buffer): Promise<DataKey>
  decrypt(name: string, ciphertext: Buffer, context?: Buffer): Promise<Buffer>
  /** `*` for all. What else the pattern may say differs between the two dialects. */
  listKeys(pattern: string): Promise<readonly { readonly name: string }[]>
  readPolicy(name: string): Promise<KesPolicy | undefined>
  describeIdentity(identity: string): Promise<IdentityDescription | undefined>
  /** What the server presented at the latest call. */
  peerCertificate(): CertificateFacts | undefined
  close(): void
}
