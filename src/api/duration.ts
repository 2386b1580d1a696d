import * as z from 'zod'
import { validations } from './validation.ts'

const unitsMs = { h: 3_600_000, m: 60_000, s: 1_000 } as const
const pattern = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/** A duration as people write it in Go's notation (`2160h`, `1h30m`, `30s`). Kept as text in objects; `durationMs` reads it. */
export const Duration = z
  .string()
  .regex(/^(\d+h)?(\d+m)?(\d+s)?$/)
  .min(2)
  .max(20)

/** How long a certificate lives. */
export const Lifetime = Duration.meta(
  validations({
    // KES and MinIO look for a renewed file every 5 to 15 minutes: a shorter life could end before they have looked.
    rule: "duration(self) >= duration('1h')",
    message: 'a certificate must live for at least an hour',
  }),
)

/** Milliseconds of a duration that the schema has already accepted; throws RangeError on anything else. */
export function durationMs(text: string): number {
  const match = pattern.exec(text)
  if (!match || text === '') throw new RangeError(`not a duration like 2160h or 1h30m: ${JSON.stringify(text)}`)
  const [hours, minutes, seconds] = match.slice(1).map((part: string | undefined) => Number(part ?? 0))
  return (hours ?? 0) * unitsMs.h + (minutes ?? 0) * unitsMs.m + (seconds ?? 0) * unitsMs.s
}
