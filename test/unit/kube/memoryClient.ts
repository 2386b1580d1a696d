import { ApiError, type ApiErrorCode } from '../../../src/kube/apiError.ts'
import type { Client } from '../../../src/kube/client.ts'
import { objectKey, refOf, type KubeObject, type Ref, type Resource } from '../../../src/kube/object.ts'

export type Write = 'create' | 'update' | 'patch'

export interface MemoryClient extends Client {
  /** What is stored now. */
  stored<T extends KubeObject>(resource: Resource<T>, ref: Ref): T | undefined
  /** Every write that was stored, in order. */
  readonly writes: readonly { readonly verb: Write; readonly key: string }[]
  /** Makes the next call of this kind fail, before or after it was stored. */
  failNext(verb: Write | 'get', code: ApiErrorCode, when?: 'before' | 'afterCommit'): void
  /** All calls fail from now on, until called with undefined. */
  failAll(code: ApiErrorCode | undefined): void
}

const failed = (code: ApiErrorCode) => new ApiError(code, `told to fail with ${code}`)

/** The API server's optimistic locking, in memory: one store, a version per write. */
export function createMemoryClient(): MemoryClient {
  const objects = new Map<string, KubeObject>()
  const writes: { verb: Write; key: string }[] = []
  let failures: { verb: Write | 'get'; code: ApiErrorCode; when: 'before' | 'afterCommit' }[] = []
  let allFail: ApiErrorCode | undefined
  let version = 100

  const keyOf = (resource: Resource, ref: Ref) => `${resource.plural} ${objectKey(ref)}`
  const fault = (verb: Write | 'get', when: 'before' | 'afterCommit') => {
    if (allFail) throw failed(allFail)
    const found = failures.find((failure) => failure.verb === verb && failure.when === when)
    failures = failures.filter((failure) => failure !== found)
    if (found) throw failed(found.code)
  }
  const store = <T extends KubeObject>(verb: Write, resource: Resource<T>, ref: Ref, object: T): T => {
    version += 1
    const stored = structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } })
    objects.set(keyOf(resource, ref), stored)
    writes.push({ verb, key: objectKey(ref) })
    fault(verb, 'afterCommit')
    return structuredClone(stored)
  }
  const unsupported = () => {
    throw new Error('not part of this fake')
  }

  return {
    writes,
    stored: <T extends KubeObject>(resource: Resource<T>, ref: Ref) =>
      objects.get(keyOf(resource, ref)) as T | undefined,
    failNext: (verb, code, when = 'before') => failures.push({ verb, code, when }),
    failAll: (code) => {
      allFail = code
    },
    get: async <T extends KubeObject>(resource: Resource<T>, ref: Ref) => {
      await Promise.resolve()
      fault('get', 'before')
      return structuredClone(objects.get(keyOf(resource, ref))) as T | undefined
    },
    create: async (resource, object) => {
      await Promise.resolve()
      fault('create', 'before')
      if (objects.has(keyOf(resource, refOf(object)))) throw failed('AlreadyExists')
      return store('create', resource, refOf(object), object)
    },
    update: async (resource, object) => {
      await Promise.resolve()
      fault('update', 'before')
      const current = objects.get(keyOf(resource, refOf(object)))
      if (current === undefined) throw failed('NotFound')
      const { resourceVersion } = object.metadata
      if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion)
        throw failed('Conflict')
      return store('update', resource, refOf(object), object)
    },
    mergePatch: async <T extends KubeObject>(resource: Resource<T>, ref: Ref, patch: object) => {
      await Promise.resolve()
      fault('patch', 'before')
      const current = objects.get(keyOf(resource, ref)) as T | undefined
      if (current === undefined) throw failed('NotFound')
      return store('patch', resource, ref, { ...current, ...patch })
    },
    list: unsupported,
    updateStatus: unsupported,
    apply: unsupported,
    delete: unsupported,
    watch: unsupported,
  }
}
