import type { KubeObject, Ref, Resource } from './object.ts'

/** Limits of one call; both hold for all its attempts together. */
export interface CallOptions {
  /** Aborting it ends the call with `Aborted`. */
  readonly signal?: AbortSignal
  /** The call is over after this, with `Timeout`. Default 30 s. */
  readonly deadlineMs?: number
}

/** Which objects of a resource; no namespace means all namespaces. */
export interface Selection {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface ListOptions extends Selection, CallOptions {
  readonly limit?: number
  readonly continue?: string
}

/** One page. `resourceVersion` is where a watch goes on from; `continue` is set while there is more. */
export interface ListPage<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
  readonly continue?: string
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string
}

export interface PatchOptions extends WriteOptions {
  readonly subresource?: 'status'
}

export interface ApplyOptions extends PatchOptions {
  readonly fieldManager: string
  /** Takes fields over from other managers. Only for fields that are ours by contract. */
  readonly force?: boolean
}

export interface DeleteOptions extends CallOptions {
  /** Deletes only this very object, not another one that has its name by now: else `Conflict`. */
  readonly uid?: string
  /** Deletes only what was last seen: else `Conflict`. */
  readonly resourceVersion?: string
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
}

export interface WatchOptions extends Selection {
  readonly resourceVersion: string
  /** The server ends the watch after this. */
  readonly timeoutSeconds: number
  readonly allowBookmarks?: boolean
}

/** `BOOKMARK` carries nothing but how far the watch has come. */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }

/**
 * The Kubernetes API. Every method throws `ApiError` and nothing else.
 *
 * Reads wait out a 429 or 503 that says for how long, within the deadline. Writes are tried once: after `Timeout`,
 * `ConnectionFailed`, `ServerError` or `BadResponse` nobody knows whether they happened, so observe again.
 */
export interface Client {
  /**
   * `undefined` only if the API server itself says that this object does not exist. A 404 of a proxy, or of a kind that
   * is not installed, is `NotFound`: nobody may conclude from it that a key was never made.
   */
  get<T extends KubeObject>(resource: Resource<T>, ref: Ref, options?: CallOptions): Promise<T | undefined>
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<ListPage<T>>
  /** `AlreadyExists` where the name is taken. */
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  /** PUT. With `metadata.resourceVersion` it is `Conflict` where somebody else wrote since. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  /** Server-side apply of exactly the fields in `object`; `Conflict` where another manager owns one of them. */
  apply<T extends KubeObject>(resource: Resource<T>, object: KubeObject, options: ApplyOptions): Promise<T>
  /** JSON merge patch (RFC 7386). Put `metadata.resourceVersion` into the patch to have it refused on a newer object. */
  mergePatch<T extends KubeObject>(resource: Resource<T>, ref: Ref, patch: object, options?: PatchOptions): Promise<T>
  /** False if there was nothing to delete. True means asked for: finalizers may keep the object for a while. */
  delete(resource: Resource, ref: Ref, options?: DeleteOptions): Promise<boolean>
  /**
   * Ends quietly when the server ends it or the signal is aborted; throws on everything else, ERROR events included
   * (410 as `Expired`) and when nothing at all has come for longer than bookmarks take.
   */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>
}
