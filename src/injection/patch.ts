/** A JSON value that we made ourselves: never a user's, whose numbers JavaScript cannot hold exactly. */
export type PatchValue = string | number | boolean | readonly PatchValue[] | { readonly [name: string]: PatchValue }

/** A JSON Patch operation (RFC 6902). `test` is left out: a failing one would reject the object. */
export type Operation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: PatchValue }
  | { readonly op: 'remove'; readonly path: string }

/** A place in a document: names of members, indices, or `-` for the end of a list. */
export type Place = readonly (string | number)[]

/** The place as a JSON Pointer (RFC 6901). */
export function pointer(place: Place): string {
  let path = ''
  for (const part of place) path += `/${typeof part === 'number' ? part : escaped(part)}`
  return path
}

const escaped = (name: string): string =>
  name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name

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

/** An operation does not apply to the document. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly code: 'NoSuchPlace' | 'NothingThere'

  constructor(code: PatchError['code'], { op, path }: Operation) {
    super(`cannot ${op} at ${path}: ${code === 'NoSuchPlace' ? 'there is no such place' : 'there is nothing'}`)
    this.code = code
  }
}

/**
 * The document after the operations, each checked as RFC 6902 says and the API server's engine does. Neither the
 * document given nor the operations are changed. Throws `PatchError` where an operation does not apply.
 *
 * Only the lists and objects that an operation passes through are copied, once each; all else is shared with the
 * document: a whole copy of a pod costs more than all the rest of a review. Who judges this engine:
 * docs/adr/0012-checking-the-patch.md.
 */
export function apply(document: unknown, operations: readonly Operation[]): unknown {
  if (!isContainer(document)) throw new TypeError('only objects and lists can be patched')
  const root = copyOf(document)
  const copies = new Set([root])
  let parent = root
  let parentPath = ''
  for (const operation of operations) {
    const { path } = operation
    if (!path.startsWith('/')) throw new PatchError('NoSuchPlace', operation)
    const end = path.lastIndexOf('/')
    const itsParent = path.slice(0, end)
    // The former operation changed what is in its parent, not the way there.
    if (itsParent !== parentPath) parent = reach(root, itsParent, copies, operation)
    parentPath = itsParent
    const name = unescaped(path.slice(end + 1))
    if (Array.isArray(parent)) changeList(parent, name, operation)
    else changeObject(parent, name, operation)
  }
  return root
}

type JsonList = unknown[]
type JsonObject = Record<string, unknown>
type Container = JsonList | JsonObject

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null
const copyOf = (container: Container): Container => (Array.isArray(container) ? container.slice() : { ...container })
const unescaped = (name: string): string =>
  name.includes('~') ? name.replaceAll('~1', '/').replaceAll('~0', '~') : name

/** Goes to the container at a path; every container on the way becomes a copy of ours. */
function reach(root: Container, path: string, copies: Set<Container>, operation: Operation): Container {
  if (path === '') return root
  let at = root
  for (const part of path.slice(1).split('/')) {
    const name = unescaped(part)
    const next: unknown = Array.isArray(at) ? at[indexOf(name, at.length, operation)] : memberOf(at, name, operation)
    if (!isContainer(next)) throw new PatchError('NoSuchPlace', operation)
    const ours = copies.has(next) ? next : copyOf(next)
    if (ours !== next) {
      copies.add(ours)
      // Of a list too: the name is an index of it as it is written.
      ;(at as JsonObject)[name] = ours
    }
    at = ours
  }
  return at
}

function changeList(list: JsonList, name: string, operation: Operation): void {
  if (operation.op === 'add') {
    const index = name === '-' ? list.length : indexOf(name, list.length + 1, operation)
    list.splice(index, 0, operation.value)
    return
  }
  const index = indexOf(name, list.length, operation)
  if (operation.op === 'replace') list[index] = operation.value
  else list.splice(index, 1)
}

function changeObject(object: JsonObject, name: string, operation: Operation): void {
  if (operation.op === 'add') object[settable(name, operation)] = operation.value
  else {
    memberOf(object, name, operation)
    if (operation.op === 'replace') object[name] = operation.value
    else Reflect.deleteProperty(object, name)
  }
}

/** An index below `end`, written the one way that there is. */
function indexOf(name: string, end: number, operation: Operation): number {
  const index = Number(name)
  if (!(Number.isInteger(index) && index >= 0 && index < end && String(index) === name))
    throw new PatchError('NoSuchPlace', operation)
  return index
}

function memberOf(object: JsonObject, name: string, operation: Operation): unknown {
  if (!Object.hasOwn(object, settable(name, operation))) throw new PatchError('NothingThere', operation)
  return object[name]
}

/** To JavaScript these are no members like others. We never write them, so nobody misses them. */
function settable(name: string, operation: Operation): string {
  if (name === '__proto__' || name === 'prototype') throw new PatchError('NoSuchPlace', operation)
  return name
}
