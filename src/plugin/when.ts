const dayMs = 24 * 3_600_000
const units = [
  ['day', dayMs],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** A time for people: the day, and how far it is. `-` where there is none, the text itself where it is no time. */
export function when(time: string | undefined, now: Date): string {
  if (time === undefined) return '-'
  const at = Date.parse(time)
  if (!Number.isFinite(at)) return time
  const awayMs = at - now.getTime()
  const [unit, unitMs] = units.find(([, each]) => Math.abs(awayMs) >= each) ?? units[2]
  const count = Math.floor(Math.abs(awayMs) / unitMs)
  const amount = `${count} ${unit}${count === 1 ? '' : 's'}`
  return `${new Date(at).toISOString().slice(0, 10)} (${awayMs < 0 ? `${amount} ago` : `in ${amount}`})`
}

/** Whether a time lies before now. */
export const isPast = (time: string | undefined, now: Date): boolean =>
  time !== undefined && Date.parse(time) <= now.getTime()
