import type { KeyServer } from '../../api/keyServer.ts'
import type { NamedPolicy } from '../../kes/serverConfig.ts'
import type { KeystoreFacts } from './keystore.ts'
import type { SidecarSecret } from './secret.ts'

/** What is true about the KES inside the MinIO pods of one namespace. */
export interface Observed {
  readonly namespace: string
  readonly keyServer: KeyServer
  /** Public certificate of the KeyServer's authority, if it is the one that was recorded. */
  readonly authorityPem: string | undefined
  readonly keystore: KeystoreFacts
  /** Some identity of this namespace at this KeyServer is there to stay. */
  readonly inUse: boolean
  /** One for each identity of this namespace that has a key pair. */
  readonly policies: readonly NamedPolicy[]
  readonly secret: SidecarSecret
  /** Nothing is kept of it but the Secret itself. */
  readonly status: undefined
}
