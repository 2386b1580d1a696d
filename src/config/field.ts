import { z } from 'zod'

/** Building blocks of settings: each reads text, as flags and environment variables are text. */
export const text = (description: string) => z.string('is needed').min(1, 'is needed').meta({ description })

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
    .meta({ description: `${description} (seconds)` })

export const level = z
  .enum(['debug', 'info', 'warn', 'error'])
  .default('info')
  .meta({ description: 'Least level of the lines that are logged: debug, info, warn or error' })
