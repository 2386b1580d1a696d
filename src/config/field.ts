import * as z from 'zod'
import { Duration, durationMs } from '../api/duration.ts'

/** Building blocks of settings: each reads text, as flags and environment variables are text. */
export const text = (description: string) => z.string('is needed').min(1, 'is needed').meta({ description })

/** The description comes last: a default that is put around a described schema hides what it says. */
export const textOr = (description: string, standard: string) =>
  z.string().min(1).default(standard).meta({ description })

export const port = (description: string, standard: number) =>
  z.coerce.number('must be a port').int().min(1).max(65_535).default(standard).meta({ description })

/** Whole seconds in the flag's text, milliseconds in the value: the name of the setting ends in `Ms`. */
export const seconds = (description: string, standard: number) =>
  z.coerce
    .number('must be a number of seconds')
    .min(0)
    .max(86_400)
    .default(standard)
    .transform((value) => value * 1000)
    .meta({ description })

export const level = z
  .enum(['debug', 'info', 'warn', 'error'])
  .default('info')
  .meta({ description: 'Least level of the lines that are logged: debug, info, warn or error' })

/** One word of several; the first is the default. */
export const oneOf = <const Word extends string>(description: string, words: readonly [Word, ...Word[]]) =>
  z
    .enum(words)
    .default(words[0] as never)
    .meta({ description: `${description}: ${words.join(' or ')}` })

const hourMs = 3_600_000

/** A lifetime of certificates in Go's notation, kept as text; KES and MinIO look for a renewed file too seldom for less than an hour. */
export const lifetime = (description: string, standard: string, leastHours = 1) =>
  Duration.refine((value) => durationMs(value) >= leastHours * hourMs, `must be ${leastHours}h at least`)
    .default(standard)
    .meta({ description: `${description} (like ${standard})` })

/** A part of a whole, between two bounds. */
export const part = (description: string, standard: number, least: number, most: number) =>
  z.coerce.number('must be a number').min(least).max(most).default(standard).meta({ description })
