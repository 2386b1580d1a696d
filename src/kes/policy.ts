import { checkedName } from './kesName.ts'

/** A KES policy: path patterns. Deny wins, and what no pattern allows is refused. */
export interface KesPolicy {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/** What MinIO calls at run time for keys of its own: one generate a PUT, one decrypt a GET, a describe every 10 s. */
const keyOperations = ['generate', 'decrypt', 'bulk/decrypt', 'describe', 'list'] as const

/** Without these MinIO logs "insufficient permissions" for ever (operator issue 2509). None tells about keys. */
const serverPaths = ['/version', '/v1/status', '/v1/metrics', '/v1/api'] as const

/**
 * The policy of one namespace's MinIO: the keys whose names begin with `keyPrefix`, those granted (a name, or the beginning of names
 * and a star), and no others. Granted keys are somebody else's as well: they are used and never created.
 *
 * The patterns mean the same in both dialects of KES: `path.Match` until 2023-10-03 (a star stops at `/`, and no name
 * contains one) and exact-or-trailing-star later. Never delete or import; create only where `allowKeyCreation` says so,
 * because a stateful KES overwrites a key that it has not in memory, and then every object under it is lost.
 */
export function minioPolicy(wanted: {
  readonly keyPrefix: string
  readonly granted?: readonly string[]
  readonly allowKeyCreation: boolean
}): KesPolicy {
  const own = `${checkedName(wanted.keyPrefix)}*`
  const usable = [own, ...(wanted.granted ?? []).map(checkedGrant)]
  return {
    allow: [
      ...serverPaths,
      ...(wanted.allowKeyCreation ? [`/v1/key/create/${own}`] : []),
      ...keyOperations.flatMap((operation) => usable.map((names) => `/v1/key/${operation}/${names}`)),
    ],
    deny: [],
  }
}

/** A star anywhere but at the end would mean something else in each dialect, and one alone every key. */
const checkedGrant = (names: string): string =>
  names.endsWith('*') ? `${checkedName(names.slice(0, -1))}*` : checkedName(names)

/** Whether two policies allow and deny the same, in whatever order they say it. */
export function samePolicy(one: KesPolicy, other: KesPolicy): boolean {
  return sameSet(one.allow, other.allow) && sameSet(one.deny, other.deny)
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [new Set(left), new Set(right)]
  return one.size === other.size && [...one].every((entry) => other.has(entry))
}
