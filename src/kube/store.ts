import { objectKey, type KubeObject } from './object.ts'

export type Change<T> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  /** `object` is the last that was seen of it. */
  | { readonly type: 'deleted'; readonly object: T }

export type Listener<T> = (change: Change<T>) => void

/** What a reflector knows, to be read. Objects are frozen: several readers share them. */
export interface Store<T extends KubeObject> {
  /** By `objectKey`. */
  get(key: string): T | undefined
  list(): readonly T[]
  /**
   * Tells of every change from now on, and first of each object that is there already, as `added`. An object deleted
   * and made again under its name while nobody looked is told as `deleted`, then `added`. The answer unsubscribes.
   */
  subscribe(listener: Listener<T>): () => void
}

/** The writing side, for the reflector alone. */
export interface WritableStore<T extends KubeObject> extends Store<T> {
  put(object: T): void
  remove(object: T): void
  /** What was listed is all there is. */
  replace(objects: readonly T[]): void
}

/** `onListenerError` is told what a listener threw: the other listeners and the store go on. */
export function createStore<T extends KubeObject>(onListenerError: (error: unknown) => void): WritableStore<T> {
  const objects = new Map<string, T>()
  const listeners = new Set<Listener<T>>()

  const call = (listener: Listener<T>, change: Change<T>) => {
    try {
      listener(change)
    } catch (error) {
      onListenerError(error)
    }
  }
  const tell = (change: Change<T>) => {
    for (const listener of [...listeners]) call(listener, change)
  }
  const removeKey = (key: string) => {
    const object = objects.get(key)
    if (object === undefined) return
    objects.delete(key)
    tell({ type: 'deleted', object })
  }
  const put = (object: T) => {
    const key = objectKey(object)
    const previous = objects.get(key)
    if (previous?.metadata.resourceVersion === object.metadata.resourceVersion && previous !== undefined) return
    if (previous !== undefined && previous.metadata.uid !== object.metadata.uid) removeKey(key)
    const known = objects.get(key)
    objects.set(key, freeze(object))
    tell(known === undefined ? { type: 'added', object } : { type: 'updated', object, previous: known })
  }

  return {
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    subscribe: (listener) => {
      listeners.add(listener)
      for (const object of [...objects.values()]) call(listener, { type: 'added', object })
      return () => listeners.delete(listener)
    },
    put,
    remove: (object) => removeKey(objectKey(object)),
    replace: (listed) => {
      const still = new Set(listed.map((object) => objectKey(object)))
      for (const key of [...objects.keys()]) if (!still.has(key)) removeKey(key)
      for (const object of listed) put(object)
    },
  }
}

/** The whole tree: JSON has no cycles. */
function freeze<V>(value: V): V {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) freeze(child)
  }
  return value
}
