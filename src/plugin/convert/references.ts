import { ourReference } from '../../injection/tenantFacts.ts'
import { textAt } from '../../minio/shape.ts'
import { refersTo } from '../../minio/tenant.ts'

/** An entry of `spec.externalClientCertSecrets`, by its name and where it stood. */
export interface Entry {
  readonly name: string
  readonly index: number
}

/** What becomes of the list. */
export interface Rearranged {
  /** Entries that only served the connection by hand. */
  readonly gone: readonly Entry[]
  /** Entries that served it, and something else as well. */
  readonly kept: readonly Entry[]
  /** Entries of the user's that get another index, and so other paths. */
  readonly moved: readonly (Entry & { readonly to: number })[]
  /** Whether ours is put in the place of an entry that goes, appended, or there already. */
  readonly ours: { readonly how: 'inPlace' | 'appended' | 'there'; readonly index: number }
  /** Index before to index after; nothing for entries that go. */
  readonly newIndex: ReadonlyMap<number, number>
}

const nameOf = (entry: unknown, index: number): string => textAt(entry, 'name') ?? `entry ${index}`

/**
 * The list with our entry in place of the client pair, so that as few entries as can be move: every index is part of a path that somebody
 * may have written down where nobody can look. `served` are the indices that the connection used, `needed` those that something
 * else uses too. Pure.
 */
export function rearrange(
  references: readonly unknown[],
  served: readonly [client: number, authority: number | undefined],
  needed: ReadonlySet<number>,
): Rearranged {
  const [client] = served
  const there = references.findIndex((each) => refersTo(each, ourReference))
  const entries = references.map((each, index) => ({ name: nameOf(each, index), index }))
  const used = entries.filter(({ index }) => served.includes(index) && index !== there)
  const gone = used.filter(({ index }) => !needed.has(index))
  const leaves = new Set(gone.map(({ index }) => index))
  const inPlace = there < 0 && leaves.has(client)
  const slots = entries.filter(({ index }) => !leaves.has(index) || (inPlace && index === client))
  const position = new Map(slots.map(({ index }, at) => [index, at]))
  const newIndex = new Map([...position].filter(([index]) => !leaves.has(index)))
  return {
    gone,
    kept: used.filter(({ index }) => needed.has(index)),
    moved: entries.flatMap((entry) => {
      const to = newIndex.get(entry.index)
      return to === undefined || to === entry.index ? [] : [{ ...entry, to }]
    }),
    ours:
      there >= 0
        ? { how: 'there', index: newIndex.get(there) ?? there }
        : inPlace
          ? { how: 'inPlace', index: position.get(client) ?? client }
          : { how: 'appended', index: slots.length },
    newIndex,
  }
}
