/** A JSON object as it came over the wire: nothing is known about its members. */
export type JsonObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A member of a JSON object; undefined where there is no such own member.
 *
 * `__proto__`, `constructor` and the like are ordinary keys on the wire, so what an object inherits must never be read.
 */
export const member = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** The member at a path of names. Reviews come here a hundred times each: no list is made of the names. */
export function memberAt(value: unknown, first: string, second?: string, third?: string): unknown {
  const one = member(value, first)
  if (second === undefined) return one
  const two = member(one, second)
  return third === undefined ? two : member(two, third)
}

export const textAt = (value: unknown, first: string, second?: string, third?: string): string | undefined =>
  text(memberAt(value, first, second, third))

/** The text that a JSON object calls by this name. */
export const textOf = (value: unknown, name: string): string | undefined => text(member(value, name))

const text = (found: unknown): string | undefined => (typeof found === 'string' ? found : undefined)

/** Go reads null as absent: so do we. */
export const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null

/** The elements of a list; none where it is absent; undefined where something else stands. */
export const listOf = (value: unknown): readonly unknown[] | undefined =>
  isAbsent(value) ? [] : Array.isArray(value) ? (value as readonly unknown[]) : undefined

/** A label or an annotation; undefined where it is absent or no text. */
export const labelOf = (object: unknown, name: string): string | undefined => textAt(object, 'metadata', 'labels', name)
export const annotationOf = (object: unknown, name: string): string | undefined =>
  textAt(object, 'metadata', 'annotations', name)
