import { callFailed, type ApiErrorCode } from '../../../src/kube/apiError.ts'
import type { Client } from '../../../src/kube/client.ts'
import { objectKey, type KubeObject, type Ref, type Resource } from '../../../src/kube/object.ts'

/** Called around each write: what it throws reaches the caller, before the write was carried out or after. */
export type OnWrite = (moment: 'before' | 'after') => void

export interface MemoryClient extends Client {
  /** Every write in its order: verb, plural, key. */
  readonly writes: readonly string[]
  /** What lies there, without asking. */
  at<T extends KubeObject>(resource: Resource<T>, ref: Ref): T | undefined
  /** Puts an object there as others would: it is no write of whoever is tested. */
  place<T extends KubeObject>(resource: Resource<T>, object: T): void
  onWrite: OnWrite
}

/** An API server of one afternoon: objects in a map, versions that count up, and the refusals that writers rely on. */
export function memoryClient(...stored: readonly (readonly [Resource, KubeObject])[]): MemoryClient {
  const objects = new Map<string, KubeObject>()
  const writes: string[] = []
  let version = 0
  const keyOf = ({ plural }: Resource, of: KubeObject | Ref) => `${plural} ${objectKey(of)}`
  const at = <T extends KubeObject>(resource: Resource<T>, ref: Ref) =>
    objects.get(keyOf(resource, ref)) as T | undefined

  function put<T extends KubeObject>(resource: Resource<T>, object: KubeObject): T {
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } }
    objects.set(keyOf(resource, object), next)
    return next as KubeObject as T
  }
  async function write<R>(verb: string, resource: Resource, ref: Ref, carryOut: () => R): Promise<R> {
    await Promise.resolve()
    client.onWrite('before')
    const answer = carryOut()
    writes.push(`${verb} ${keyOf(resource, ref)}`)
    client.onWrite('after')
    return answer
  }
  const refuse = (verb: string, resource: Resource, ref: Ref, code: ApiErrorCode): never => {
    throw callFailed({ verb, resource, ref }, code, 'refused')
  }
  function latest(verb: string, resource: Resource, { metadata }: KubeObject): KubeObject {
    const current = objects.get(keyOf(resource, metadata)) ?? refuse(verb, resource, metadata, 'NotFound')
    const { resourceVersion = current.metadata.resourceVersion } = metadata
    return resourceVersion === current.metadata.resourceVersion ? current : refuse(verb, resource, metadata, 'Conflict')
  }
  const unused = () => Promise.reject(new Error('this test does not need it'))

  const client: MemoryClient = {
    writes,
    at,
    place: put,
    onWrite: () => undefined,
    get: (resource, ref) => Promise.resolve(at(resource, ref)),
    create: (resource, object) =>
      write('create', resource, object.metadata, () =>
        at(resource, object.metadata)
          ? refuse('create', resource, object.metadata, 'AlreadyExists')
          : put(resource, object),
      ),
    update: (resource, object) =>
      write('update', resource, object.metadata, () => {
        latest('update', resource, object)
        return put(resource, object)
      }),
    updateStatus: (resource, object) =>
      write('updateStatus', resource, object.metadata, () => {
        const { status } = object as { readonly status?: unknown }
        const next: KubeObject & { readonly status?: unknown } = { ...latest('updateStatus', resource, object), status }
        return put(resource, next)
      }),
    apply: (resource, object) => write('apply', resource, object.metadata, () => put(resource, object)),
    delete: (resource, ref) => write('delete', resource, ref, () => objects.delete(keyOf(resource, ref))),
    list: ({ plural }, { namespace, labelSelector } = {}) =>
      labelSelector === undefined
        ? Promise.resolve({
            items: [...objects]
              .filter(([key]) => key.startsWith(`${plural} ${namespace === undefined ? '' : `${namespace}/`}`))
              .map(([, object]) => object as never),
            resourceVersion: String(version),
          })
        : unused(),
    mergePatch: (resource, ref, patch) =>
      write('mergePatch', resource, ref, () => {
        const current = at(resource, ref) ?? refuse('mergePatch', resource, ref, 'NotFound')
        return put(resource, merged(current, patch) as KubeObject)
      }),
    watch: () => {
      throw new Error('this test does not need it')
    },
  }
  for (const [resource, object] of stored) put(resource, object)
  return client
}

/** RFC 7386. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const from = typeof target === 'object' && target !== null ? (target as Readonly<Record<string, unknown>>) : {}
  const changed = Object.entries(patch).map(([key, value]) => [key, merged(from[key], value)] as const)
  return Object.fromEntries([...Object.entries(from), ...changed].filter(([, value]) => value !== null))
}
