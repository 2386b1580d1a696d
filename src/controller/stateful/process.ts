/** What a running KES says of itself, and between which two moments it said so. */
export interface Seen {
  readonly askedAt: Date
  readonly answeredAt: Date
  readonly upMs: number
}

/** KES rounds its age to the second (KES v0.22.3 server-api.go), so each of two looks may be wrong by half of one. */
const leastToleranceMs = 1_050
/** Two clocks drift apart by some seconds a day; KES tells its age by one, and we the time by the other. */
const driftPart = 0.0005

/**
 * When the process started: what is recorded where it is still that process, else a new time. KES tells its age only, so
 * the time is as sure as the answer was quick. A restart that is taken for none happened within a second of the start, or in
 * the time by which the clocks have drifted; one that is taken for a restart costs another look and nothing else.
 */
export function startedAt(recorded: string | undefined, { askedAt, answeredAt, upMs }: Seen): string {
  const [earliest, latest] = [askedAt.getTime() - upMs, answeredAt.getTime() - upMs]
  const tolerance = leastToleranceMs + upMs * driftPart
  const known = recorded === undefined ? Number.NaN : new Date(recorded).getTime()
  if (recorded !== undefined && known >= earliest - tolerance && known <= latest + tolerance) return recorded
  return new Date(Math.round((earliest + latest) / 2)).toISOString()
}
