/** Whoever must outlive an object; the garbage collector deletes the object after its last owner. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean | undefined
  readonly blockOwnerDeletion?: boolean | undefined
}

/** What we read and write of `metadata`; everything else the API server keeps there passes through untouched. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly generation?: number | undefined
  /** RFC 3339, as it is on the wire. */
  readonly creationTimestamp?: string | undefined
  /** Set once deletion was asked for; the object lives on until its finalizers are gone. */
  readonly deletionTimestamp?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
  readonly finalizers?: readonly string[] | undefined
  readonly ownerReferences?: readonly OwnerReference[] | undefined
}

/** Any object of the Kubernetes API. */
export interface KubeObject {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
  readonly metadata: ObjectMeta
}

/** Where a kind lives in the API, as plain data. `T` is the shape of its objects. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** The server sends `metadata` only: used where the rest (a Secret's bytes) must not even reach this process. */
  readonly metadataOnly?: boolean
  /** Never set: it carries the type. */
  readonly shape?: T
}

/** The name of one object; `namespace` is absent for cluster-scoped ones. */
export interface Ref {
  readonly namespace?: string | undefined
  readonly name: string
}

/** `apiVersion` as objects carry it: `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}

export function refOf({ metadata: { namespace, name } }: KubeObject): Ref {
  return namespace === undefined ? { name } : { namespace, name }
}

/** `namespace/name`, or `name` where there is no namespace. Neither can hold a slash, so the two never meet. */
export function objectKey(of: KubeObject | Ref): string {
  const { namespace, name } = 'metadata' in of ? of.metadata : of
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** The opposite of `objectKey`. */
export function refOfKey(key: string): Ref {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
