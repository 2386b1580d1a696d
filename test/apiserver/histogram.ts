import type { ClusterAccess } from '../fixtures/clusterAccess.ts'

/** How many observations were at most so long, by the upper edge of each bucket in seconds; the last edge is Infinity. */
export type Buckets = ReadonlyMap<number, number>

const family = 'apiserver_admission_webhook_admission_duration_seconds_bucket'

/** What the API server has measured so far of the calls of one webhook, all label sets together. */
export async function admissionDurations({ kubectl }: ClusterAccess, webhook: string): Promise<Buckets> {
  const metrics = await kubectl(['get', '--raw', '/metrics'])
  const buckets = new Map<number, number>()
  for (const line of metrics.split('\n')) {
    if (!line.startsWith(`${family}{`) || !line.includes(`name="${webhook}"`)) continue
    const [, edge = ''] = /le="([^"]+)"/.exec(line) ?? []
    const upTo = edge === '+Inf' ? Infinity : Number(edge)
    buckets.set(upTo, (buckets.get(upTo) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)))
  }
  return new Map([...buckets].sort(([one], [other]) => one - other))
}

/** What was counted between two looks. */
export const since = (before: Buckets, after: Buckets): Buckets =>
  new Map([...after].map(([edge, count]) => [edge, count - (before.get(edge) ?? 0)]))

export const countOf = (buckets: Buckets): number => [...buckets.values()].at(-1) ?? 0

/** A quantile in seconds as Prometheus estimates it: straight within its bucket. */
export function quantile(buckets: Buckets, part: number): number {
  const rank = part * countOf(buckets)
  let [lower, below] = [0, 0]
  for (const [edge, count] of buckets) {
    if (count >= rank && count > below)
      return edge === Infinity ? lower : lower + ((edge - lower) * (rank - below)) / (count - below)
    ;[lower, below] = [edge, count]
  }
  return lower
}
