/** A JSON value that we made ourselves: never a user's, whose numbers JavaScript cannot hold exactly. */
export type PatchValue = string | number | boolean | readonly PatchValue[] | { readonly [name: string]: PatchValue }

/** A JSON Patch operation (RFC 6902). `test` is left out: a failing one would reject the object. */
export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: PatchValue }
  | { readonly op: 'remove'; readonly path: string }

/** A place in a document: names of members, indices, or `-` for the end of a list. */
export type Place = readonly (string | number)[]

/** An operation that does not apply to the document: a defect of ours. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly code = 'DoesNotApply'
}

// RFC 6901 §3 and §4.
const escaped = (part: string): string =>
  part.includes('~') || part.includes('/') ? part.replaceAll('~', '~0').replaceAll('/', '~1') : part
const unescaped = (part: string): string =>
  part.includes('~') ? part.replaceAll('~1', '/').replaceAll('~0', '~') : part

export const pointer = (place: Place): string => place.map((part) => `/${escaped(String(part))}`).join('')

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
  const path = pointer(place)
  return entries.map((value, index) => ({ op: 'add', path: `${path}/${where === 'first' ? index : '-'}`, value }))
}

/**
 * The document after the operations, each checked at least as strictly as the API server's engine does: what objects
 * inherit is no place, and the document as a whole is never replaced. Neither the document given nor the operations are
 * changed. Throws `PatchError` where an operation does not apply.
 *
 * Only the lists and objects that an operation passes through are copied, once each; everything else is shared with the
 * document: a whole copy of a pod costs more than all the rest of a review. That fast-json-patch, validating and on a
 * whole copy, gives the same is a property test.
 */
export function apply(document: unknown, operations: readonly Operation[]): unknown {
  const copies = new Set<unknown>()
  const root = own(document, copies)
  let path: string | undefined
  let parent: Container = root
  for (const operation of operations) {
    const end = operation.path.lastIndexOf('/')
    const above = operation.path.slice(0, Math.max(0, end))
    // Operations on one list follow each other, and none of them moves the list.
    if (above !== path) parent = containerAt(root, above, copies)
    path = above
    change(parent, operation, end < 0 ? undefined : unescaped(operation.path.slice(end + 1)))
  }
  return root
}

type Container = unknown[] | Record<string, unknown>

/** The container itself if it is a copy of ours, else a new copy. */
function own(value: unknown, copies: Set<unknown>): Container {
  if (typeof value !== 'object' || value === null) throw new PatchError('the way leads through what has no members')
  if (copies.has(value)) return value as Container
  const copy = Array.isArray(value) ? (value.slice() as unknown[]) : { ...value }
  copies.add(copy)
  return copy
}

/** The container at a path that leads there step by step, every one on the way a copy of ours. */
function containerAt(root: Container, path: string, copies: Set<unknown>): Container {
  let at = root
  for (const part of path.split('/').slice(1)) {
    const name = existing(at, unescaped(part))
    const next = own((at as Record<string, unknown>)[name], copies)
    ;(at as Record<string, unknown>)[name] = next
    at = next
  }
  return at
}

function change(parent: Container, operation: Operation, name: string | undefined): void {
  if (name === undefined) throw new PatchError('no operation is on the whole document')
  if (Array.isArray(parent)) changeList(parent, operation, name)
  else changeObject(parent, operation, name)
}

function changeList(list: unknown[], operation: Operation, name: string): void {
  if (operation.op === 'add') {
    const index = name === '-' ? list.length : indexOf(name)
    if (index > list.length) throw new PatchError('the index is behind the end of the list')
    list.splice(index, 0, operation.value)
    return
  }
  const index = indexOf(existing(list, name))
  if (operation.op === 'remove') list.splice(index, 1)
  else list[index] = operation.value
}

function changeObject(object: Record<string, unknown>, operation: Operation, name: string): void {
  if (operation.op === 'add') object[allowed(name)] = operation.value
  else if (operation.op === 'replace') object[existing(object, name)] = operation.value
  else Reflect.deleteProperty(object, existing(object, name))
}

/** The name, of a member that is there. */
function existing(container: Container, name: string): string {
  if (Array.isArray(container) ? indexOf(name) < container.length : Object.hasOwn(container, allowed(name))) return name
  throw new PatchError('there is nothing at the path')
}

/** The name, unless assigning to it could change more than this object. */
function allowed(name: string): string {
  if (name === '__proto__' || name === 'prototype') throw new PatchError('a name that no operation of ours has')
  return name
}

function indexOf(name: string): number {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(name)) throw new PatchError('a list has nothing by that name')
  return Number(name)
}
