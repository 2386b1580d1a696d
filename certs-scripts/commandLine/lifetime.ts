import { wrongUsage } from './scriptError.ts'

const unitsMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const
const pattern = /^(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/
/** KES and MinIO look for a renewed file every 5 to 15 minutes: a shorter life could end before they have looked. */
const leastMs = unitsMs.h

/** Milliseconds of `90d`, `2160h` or `1h30m`: Go's notation as in a KeyServer, and days. Throws `Usage`. */
export function lifetimeMs(text: string, flag: string): number {
  const match = pattern.exec(text)
  if (!match)
    throw wrongUsage(`--${flag} takes a duration like 90d, 2160h or 1h30m, not ${JSON.stringify(text.slice(0, 40))}`)
  const [days, hours, minutes, seconds] = match.slice(1).map((part: string | undefined) => Number(part ?? 0))
  const ms =
    (days ?? 0) * unitsMs.d + (hours ?? 0) * unitsMs.h + (minutes ?? 0) * unitsMs.m + (seconds ?? 0) * unitsMs.s
  if (ms < leastMs)
    throw wrongUsage(`--${flag} must be an hour at least: KES and MinIO look for new files every 15 minutes`)
  return ms
}
