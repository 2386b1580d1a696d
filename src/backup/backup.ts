import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import type { DataFiles } from '../kes/sealedVolume.ts'
import type { Secret } from '../kube/resources.ts'

/** A data key that the running server made: proof that what was saved opens what the server encrypts. */
export interface KnownCiphertext {
  /** Name of the key at the key server. */
  readonly key: string
  /** Base64, as KES gave it. */
  readonly ciphertext: string
  /** Hex SHA-256 of the plaintext, which itself is kept nowhere. */
  readonly plaintextSha256: string
}

/** The claim of the volume, as far as it has to be made again. */
export interface Claim {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly size: string
  readonly storageClassName?: string | undefined
}

/** What the server ran with: a restore fills its volume with the same image. */
export interface Server {
  readonly image: string
  /** Where the data directory lies in the container, and where the volume is mounted. */
  readonly dataPath: string
  readonly volumePath: string
}

/** The data directory of KES. */
export interface DataDirectory {
  readonly folders: readonly string[]
  readonly files: DataFiles
}

/** One stateful key server with all that its keys are made of. */
export interface Backup {
  /** Random; what a restore makes carries it, so that a restore that was cut off can go on. */
  readonly id: string
  /** RFC 3339. */
  readonly createdAt: string
  /** Of kes-injector. */
  readonly productVersion: string
  readonly releaseNamespace: string
  readonly server: Server
  readonly claim: Claim
  readonly keyServer: KeyServer
  /** As the API takes them: without what only the former cluster knew. */
  readonly secrets: readonly Secret[]
  readonly identities: readonly KesIdentity[]
  readonly data: DataDirectory
  readonly known: KnownCiphertext
}
