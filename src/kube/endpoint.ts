import { callFailed, type Call } from './apiError.ts'
import type { Resource } from './object.ts'

/** What a path points at; no name: all of them. */
export interface Target {
  readonly namespace?: string | undefined
  readonly name?: string
}

/**
 * The path of a resource, each part escaped. Without a namespace a list covers all namespaces; a single object of a
 * namespaced resource needs one (`BadConfiguration`): guessing it would read or write somebody else's object.
 */
export function pathOf(call: Call, { namespace, name }: Target, subresource?: string): string {
  const { group, version, plural, namespaced } = call.resource
  const one = name !== undefined || call.verb === 'create'
  if (namespaced && one && !namespace) throw callFailed(call, 'BadConfiguration', 'the namespace is missing')
  if (name !== undefined) assertSegment(call, name)
  const parts = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespaced && namespace ? ['namespaces', assertSegment(call, namespace)] : []),
    plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return '/' + parts.map(encodeURIComponent).join('/')
}

// Dots and nothing survive escaping and would climb to another path.
function assertSegment(call: Call, segment: string): string {
  if (segment === '' || segment === '.' || segment === '..' || segment.includes('/')) {
    throw callFailed(call, 'BadConfiguration', `${JSON.stringify(segment)} is no name`)
  }
  return segment
}

/** `?a=b&…`, or nothing if no parameter has a value. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}

/**
 * The representation asked for. Where only metadata may come there is no second choice: a server that cannot leave the
 * rest out answers 406 instead of sending it.
 */
export function accepts({ metadataOnly }: Resource, form: 'one' | 'list'): { readonly Accept: string } {
  if (!metadataOnly) return { Accept: 'application/json' }
  const kind = form === 'one' ? 'PartialObjectMetadata' : 'PartialObjectMetadataList'
  return { Accept: `application/json;as=${kind};g=meta.k8s.io;v=v1` }
}
