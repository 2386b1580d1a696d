import type { KeyServerSpec } from '../api/keyServer.ts'

export interface NamespaceFacts {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** The KeyServer that the namespace's identity belongs to; undefined while it has none. */
  readonly boundTo?: string | undefined
}

/** The part of a KeyServer that decisions read. */
export interface KeyServerFacts {
  readonly name: string
  readonly spec: Pick<KeyServerSpec, 'keyPrefix' | 'grants' | 'namespaces' | 'server' | 'stateful' | 'external'>
}

/** An image as a container names it. */
export interface ContainerImage {
  readonly image: string
  readonly pullPolicy: 'IfNotPresent' | 'Always' | 'Never'
}

/** What a decision may know besides the object: plain data, gathered before. */
export interface Context {
  readonly namespace: NamespaceFacts
  /** The KeyServer that the namespace chooses (see keyChoice.ts); `unknown` where there is none of that name. */
  readonly keyServer: KeyServerFacts | 'unknown'
  /** Where the embedded key servers run. */
  readonly releaseNamespace: string
  /** The KES inside MinIO pods (`placement: Sidecar`), where the KeyServer names none of its own. */
  readonly sidecarImage: ContainerImage
}

/** One admission request, as far as decisions read it. */
export interface AdmissionRequest {
  readonly operation: string
  readonly group: string
  readonly resource: string
  readonly kind: string
  readonly subResource: string
  /** The request's, never the object's: older API servers leave that one empty. */
  readonly namespace: string
  readonly name: string
  readonly object: unknown
  readonly oldObject: unknown
}
