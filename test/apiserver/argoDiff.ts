import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../../src/minio/shape.ts'

/** One of an Application's `ignoreDifferences`, as far as the page uses it. */
export interface IgnoreRule {
  readonly group: string
  readonly kind: string
  readonly jqPathExpressions?: readonly string[]
}

interface Comparable {
  readonly apiVersion?: string
  readonly kind?: string
}

/**
 * Where Argo CD would see a difference, as JSON Pointers: what it would change in the cluster by a JSON merge patch of Git against live, which is
 * how it compares custom resources without a server-side diff. Both sides lose first what the rules ignore. Lists are compared whole.
 */
export function threeWayDiff(git: Comparable, live: Comparable, rules: readonly IgnoreRule[]): readonly string[] {
  const expressions = rules
    .filter(({ group, kind }) => git.apiVersion?.startsWith(`${group}/`) && git.kind === kind)
    .flatMap(({ jqPathExpressions = [] }) => jqPathExpressions)
  const without = (object: Comparable): unknown => expressions.reduce(ignoring, structuredClone(object))
  return differences(without(git), without(live), '')
}

function differences(git: unknown, live: unknown, at: string): readonly string[] {
  if (!isObject(git) || !isObject(live)) return isDeepStrictEqual(git, live) ? [] : [at]
  return Object.entries(git).flatMap(([name, value]) => differences(value, live[name], `${at}/${name}`))
}

const shape = /^((?:\.\w+)+)\[\]\? \| select\((.+)\)$/
const condition = /^\.(\w+) (?:== "([^"]*)"|\| startswith\("([^"]*)"\))$/

/** Deletes what an expression of this one shape selects: `.a.b[]? | select(.x == "y" and …)`. The rest of jq is not spoken here. */
function ignoring(object: unknown, expression: string): unknown {
  const [, path = '', test = ''] = shape.exec(expression) ?? []
  const conditions = test.split(' and ').map((each) => condition.exec(each.replace(/^\((.*)\)$/, '$1')))
  if (conditions.some((each) => each === null)) throw new Error(`cannot read ${expression}`)
  const holds = (entry: unknown): boolean =>
    conditions.every((found) => {
      const [, name = '', equals, start] = found ?? []
      const value = isObject(entry) ? entry[name] : undefined
      return typeof value === 'string' && (start === undefined ? value === equals : value.startsWith(start))
    })
  return changedAt(object, path.split('.').slice(1), (list) =>
    Array.isArray(list) ? list.filter((entry) => !holds(entry)) : list,
  )
}

function changedAt(value: unknown, [name, ...rest]: readonly string[], change: (at: unknown) => unknown): unknown {
  if (name === undefined) return change(value)
  return isObject(value) && name in value ? { ...value, [name]: changedAt(value[name], rest, change) } : value
}
