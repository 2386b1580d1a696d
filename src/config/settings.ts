import { parseArgs } from 'node:util'
import type * as z from 'zod'

/** A setting of a process: a flag, an environment variable, and one line for people. */
interface Naming {
  readonly description: string
}

/** One schema of settings: its keys in camelCase, every value read from text. */
export type SettingsSchema<T> = z.ZodType<T> & { readonly shape: Readonly<Record<string, z.ZodType>> }

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** People write seconds, the program holds milliseconds (see field.ts): `drainMs` is `--drain-seconds`. */
const kebab = (name: string): string =>
  name.replace(/Ms$/, 'Seconds').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
export const flagOf = (name: string): string => `--${kebab(name)}`
export const variableOf = (name: string): string => `KES_INJECTOR_${kebab(name).replaceAll('-', '_').toUpperCase()}`

const describe = (schema: z.ZodType): string => (schema.meta() as Naming | undefined)?.description ?? ''

/** The lines of `--help` and of `docs/reference/settings.md`: flag, variable, what for. */
export function settingsTable(schema: SettingsSchema<unknown>): readonly (readonly [string, string, string])[] {
  return Object.entries(schema.shape).map(([name, each]) => [flagOf(name), variableOf(name), describe(each)])
}

/**
 * Reads settings from flags, then the environment, then defaults. All that is wrong is said at once, each with the flag's name.
 * Throws SettingsError with a text made for people.
 */
export function readSettings<T>(
  schema: SettingsSchema<T>,
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): T {
  const names = Object.keys(schema.shape)
  const options = Object.fromEntries(names.map((name) => [kebab(name), { type: 'string' as const }]))
  let flags: Readonly<Record<string, unknown>>
  try {
    flags = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  const given = names.flatMap((name) => {
    const value = flags[kebab(name)] ?? environment[variableOf(name)]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  const parsed = schema.safeParse(Object.fromEntries(given))
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? '')
    return `${flagOf(name)} (${variableOf(name)}): ${issue.message}`
  })
  throw new SettingsError(lines.join('\n'))
}
