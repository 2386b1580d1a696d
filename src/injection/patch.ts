import jsonpatch from 'fast-json-patch'

/** A JSON value that we made ourselves: never a user's, whose numbers JavaScript cannot hold exactly. */
export type PatchValue = string | number | boolean | readonly PatchValue[] | { readonly [name: string]: PatchValue }

/** A JSON Patch operation (RFC 6902). `test` is left out: a failing one would reject the object. */
export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: PatchValue }
  | { readonly op: 'remove'; readonly path: string }

/** A place in a document: names of members, indices, or `-` for the end of a list. */
export type Place = readonly (string | number)[]

export const pointer = (place: Place): string =>
  place.map((part) => `/${jsonpatch.escapePathComponent(String(part))}`).join('')

export const add = (place: Place, value: PatchValue): Operation => ({ op: 'add', path: pointer(place), value })
export const replace = (place: Place, value: PatchValue): Operation => ({ op: 'replace', path: pointer(place), value })
export const remove = (place: Place): Operation => ({ op: 'remove', path: pointer(place) })

/** Adds entries to a list, which is made where it is missing or null: an `add` below a missing parent is an error. */
export function addEntries(
  list: readonly unknown[] | null | undefined,
  place: Place,
  where: 'first' | 'last',
  entries: readonly PatchValue[],
): readonly Operation[] {
  if (entries.length === 0) return []
  if (list === undefined || list === null || list.length === 0) return [add(place, entries)]
  return entries.map((entry, index) => add([...place, where === 'first' ? index : '-'], entry))
}

/**
 * The document after the operations, each checked as strictly as the API server's engine does. Neither the document
 * given nor the operations are changed. Throws where an operation does not apply.
 *
 * Only the lists and objects that an operation passes through are copied, once each and just before it; everything else
 * is shared with the document: a whole copy of a pod costs more than all the rest of a review. That both give the same
 * is a property test.
 */
export function apply(document: unknown, operations: readonly Operation[]): unknown {
  const owned = new Set<unknown>()
  let current = own(document, owned)
  let formerParent: string | undefined
  operations.forEach((operation, index) => {
    const parent = operation.path.slice(0, operation.path.lastIndexOf('/'))
    // The former operation changed what is in its parent, not the way there.
    if (parent !== formerParent) ownAlong(current, parent, owned)
    formerParent = parent
    current = own(jsonpatch.applyOperation(current, operation, true, true, true, index).newDocument, owned)
  })
  return current
}

type Container = Record<string, unknown>

/** The container itself if it is a copy of ours, else a new copy; anything that is no container as it is. */
function own(value: unknown, owned: Set<unknown>): unknown {
  if (typeof value !== 'object' || value === null || owned.has(value)) return value
  const copy = Array.isArray(value) ? (value.slice() as unknown[]) : { ...value }
  owned.add(copy)
  return copy
}

function ownAlong(root: unknown, parent: string, owned: Set<unknown>): void {
  let at = root
  for (const part of parent.split('/').slice(1)) {
    const name = jsonpatch.unescapePathComponent(part)
    // Where the path leads nowhere, or to what objects inherit, the engine refuses it.
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name) || name === '__proto__') return
    const container = at as Container
    container[name] = own(container[name], owned)
    at = container[name]
  }
}
