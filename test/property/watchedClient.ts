import type { Client, Selection, WatchEvent } from '../../src/kube/client.ts'
import type { KubeObject, Ref, Resource } from '../../src/kube/object.ts'
import type { MemoryClient } from '../unit/controller/memoryClient.ts'

/** Label and field selectors as the controller writes them: equalities only, and of fields the name alone. */
function selected(
  { metadata }: KubeObject,
  { namespace = metadata.namespace, labelSelector = '', fieldSelector = '' }: Selection,
): boolean {
  const pairs = (selector: string) => selector.split(',').flatMap((each) => (each === '' ? [] : [each.split('=')]))
  return (
    metadata.namespace === namespace &&
    pairs(labelSelector).every(([name = '', value]) => metadata.labels?.[name] === value) &&
    pairs(fieldSelector).every(([, value]) => metadata.name === value)
  )
}

export interface WatchedClient extends Client {
  /** Somebody else writes an object as it is, and the watches tell. */
  touch(resource: Resource, ref: Ref): void
}

/**
 * A memory client that can be listed by selectors and watched; `answered` is called after each of its answers, with the name of the
 * object that was asked for.
 */
export function watchedClient(client: MemoryClient, answered: (name: string) => void): WatchedClient {
  const watches = new Set<(resource: Resource, event: WatchEvent<KubeObject>) => void>()
  const tell = (resource: Resource, event: WatchEvent<KubeObject>) => {
    for (const watch of watches) watch(resource, event)
  }
  const dated = async <T>(answer: Promise<T>, name = ''): Promise<T> => {
    const got = await answer
    answered(name)
    return got
  }
  const told = async <T extends KubeObject>(resource: Resource<T>, written: Promise<T>): Promise<T> => {
    const object = await dated(written)
    tell(resource, { type: 'MODIFIED', object })
    return object
  }
  return {
    touch: (resource, ref) => {
      const object = client.at(resource, ref)
      if (!object) return
      client.place(resource, object)
      tell(resource, { type: 'MODIFIED', object: client.at(resource, ref) ?? object })
    },
    get: (resource, ref) => dated(client.get(resource, ref), ref.name),
    list: async (resource, options = {}) => {
      const { labelSelector: _, ...rest } = options
      const page = await dated(client.list(resource, rest))
      return { ...page, items: page.items.filter((each) => selected(each, options)) }
    },
    create: (resource, object) => told(resource, client.create(resource, object)),
    update: (resource, object) => told(resource, client.update(resource, object)),
    updateStatus: (resource, object) => told(resource, client.updateStatus(resource, object)),
    apply: (resource, object, options) => told(resource, client.apply(resource, object, options)),
    mergePatch: (resource, ref, patch) => dated(client.mergePatch(resource, ref, patch)),
    delete: async (resource, ref) => {
      const object = client.at(resource, ref)
      const deleted = await dated(client.delete(resource, ref))
      if (object) tell(resource, { type: 'DELETED', object })
      return deleted
    },
    async *watch(resource, options, signal) {
      const waiting: WatchEvent<KubeObject>[] = []
      let wake = (): void => undefined
      const see = (changed: Resource, event: WatchEvent<KubeObject>): void => {
        if (changed.plural !== resource.plural || event.type === 'BOOKMARK' || !selected(event.object, options)) return
        waiting.push(event)
        wake()
      }
      watches.add(see)
      try {
        while (!signal.aborted) {
          for (const event of waiting.splice(0)) yield event as never
          await new Promise<void>((resolve) => {
            wake = resolve
            signal.addEventListener('abort', () => resolve(), { once: true })
            if (waiting.length > 0) resolve()
          })
        }
      } finally {
        watches.delete(see)
      }
    },
  }
}
