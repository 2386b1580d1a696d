import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import type { KeystoreKind } from '../../kes/keystoreShapes.ts'
import type { Found, StoredPair } from '../found.ts'
import type { Issuance } from '../issuance/issuer.ts'
import type { Applied } from '../keyServer/applied.ts'
import type { PodFacts } from '../keyServer/podFacts.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'

/** The user's key store section, looked at. */
export type KeystoreSource =
  /** `why` is a sentence for people, with the line where there is one. It holds no value. */
  { readonly is: 'missing' | 'wrong'; readonly why: string } | { readonly is: 'good'; readonly kind: KeystoreKind }

/** A configuration of KES, and what tells it from another one. */
export interface Configuration {
  /** 12 hex digits. A replica has loaded it where it knows a policy that is called after it. */
  readonly hash: string
  readonly keystoreHash: string
}

/** What one replica itself says when the controller asks it as its administrator. */
export type ReplicaServer =
  | { readonly is: 'absent' }
  | { readonly is: 'unreachable'; readonly why: string }
  | {
      readonly is: 'answering'
      readonly version: string
      readonly keystoreReachable: boolean
      /** Hash of the configuration that it has loaded; undefined: another one than was asked for. */
      readonly loaded: string | undefined
      readonly certificateNotAfter: Date | undefined
    }

export interface Replica {
  readonly pod: string
  readonly facts: PodFacts | undefined
  /** The kubelet was told to look for this: what the pod's annotation says. */
  readonly told: string | undefined
  /** It runs what is not wanted any more and does not come up: a StatefulSet waits for such a pod for ever. */
  readonly stuck: boolean
  readonly server: ReplicaServer
}

/** What is true about one KeyServer of the kind `server`: from the API server, and from every replica. */
export interface Observed {
  readonly keyServer: KeyServer
  readonly status: KeyServerStatus
  readonly endpoint: string
  readonly dnsNames: readonly string[]
  readonly authority: Found<AuthorityFacts>
  /** The controller's own pair, with which it is the administrator. */
  readonly admin: Found<StoredPair>
  readonly serverCertificate: Found<StoredPair>
  /** How far an issuer elsewhere has come; `ours` where our own authority signs. */
  readonly issuance: Issuance
  readonly keystore: KeystoreSource
  /** What KES shall have; undefined while something that it is made from is missing. */
  readonly wanted: Configuration | undefined
  /** What lies in the Secret; `differs` where it is not exactly what is wanted. */
  readonly written: (Configuration & { readonly differs: boolean }) | undefined
  readonly service: Applied
  /** `differs` as well where somebody scaled it. */
  readonly statefulSet: Applied
  readonly budget: Applied
  /** `current` as well where none is wanted. */
  readonly networkPolicy: Applied
  readonly replicas: readonly Replica[]
  /** What the key store says of the keys, through a replica that reaches it. A name in neither list: nobody knows now. */
  readonly keys: { readonly present: readonly string[]; readonly absent: readonly string[] }
  /** Keys to make sure of: declared ones and those of the identities, as far as KES takes their names. */
  readonly wantedKeys: readonly string[]
  /** Names among them that KES refuses. */
  readonly refusedKeys: readonly string[]
  /** Identities that are left out of the configuration, each with the reason. */
  readonly leftOut: readonly string[]
}

/** What the kubelet of a replica shall have synced: the configuration and the certificate that KES serves. */
export const tokenOf = ({
  written,
  serverCertificate,
}: Pick<Observed, 'written' | 'serverCertificate'>): string | undefined =>
  written && serverCertificate.is === 'found'
    ? `${written.hash}.${serverCertificate.value.fingerprint.slice(0, 12)}`
    : undefined
