import { parseArgs } from 'node:util'
import { wrongUsage } from './scriptError.ts'

/** One flag: how it is parsed, and what `--help` says of it. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  readonly default?: string
  /** What stands for the value in the help. */
  readonly value?: string
  readonly description: string
}

export type Options = Readonly<Record<string, Option>>

type Single<O extends Option> = O['type'] extends 'boolean' ? boolean : string
type Given<O extends Option> = O extends { multiple: true }
  ? readonly Single<O>[] | undefined
  : O extends { default: string }
    ? string
    : Single<O> | undefined

/** The values of the flags, each of the type that its option says. */
export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: Given<O[Name]> }

export interface ParsedLine<O extends Options> {
  readonly values: ValuesOf<O>
  readonly files: readonly string[]
}

/** Reads a command line. Throws `Usage` for an unknown flag, a missing value, or a file where none is taken. */
export function parseLine<O extends Options>(options: O, argv: readonly string[], takesFiles: boolean): ParsedLine<O> {
  const parsed = (() => {
    try {
      return parseArgs({ args: [...argv], options: asNodeTakesThem(options), allowPositionals: true, strict: true })
    } catch (error) {
      throw wrongUsage(error instanceof Error ? firstSentence(error.message) : 'the flags cannot be read')
    }
  })()
  const [first] = parsed.positionals
  if (first !== undefined && !takesFiles) throw wrongUsage(`${JSON.stringify(first)} is no flag, and no file is taken`)
  for (const [name, value] of Object.entries(parsed.values)) {
    if ([value].flat().includes('')) throw wrongUsage(`--${name} has an empty value`)
  }
  return { values: parsed.values as ValuesOf<O>, files: parsed.positionals }
}

/** The text of `--help`. */
export function helpText({
  usage,
  summary,
  options,
  notes,
  examples,
}: {
  readonly usage: string
  readonly summary: string
  readonly options: Options
  readonly notes: readonly string[]
  readonly examples: readonly string[]
}): string {
  const rows = Object.entries(options).map(([name, { value, description, default: standard }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    `${description}${standard === undefined ? '' : ` (default: ${standard})`}`,
  ])
  const width = Math.max(...rows.map(([flag = '']) => flag.length))
  return [
    summary,
    '',
    `Usage: ${usage}`,
    '',
    ...rows.map(([flag = '', text = '']) => `  ${flag.padEnd(width)}  ${text}`),
    `  ${'--help'.padEnd(width)}  Print this.`,
    '',
    ...notes,
    ...(notes.length > 0 ? [''] : []),
    examples.length > 1 ? 'Examples:' : 'Example:',
    ...examples.map((line) => `  ${line}`),
    '',
    'Exit codes: 0 done, 1 refused or failed, 2 wrong usage.',
    '',
  ].join('\n')
}

/** A flag that has to be there. */
export function required(value: string | undefined, flag: string): string {
  if (value === undefined) throw wrongUsage(`--${flag} is missing`)
  return value
}

const asNodeTakesThem = (options: Options) =>
  Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false, default: standard }]) => [
      name,
      { type, multiple, ...(standard === undefined ? {} : { default: standard }) },
    ]),
  )

// Node adds advice about positional arguments after the first sentence.
const firstSentence = (message: string): string => message.split('. ')[0] ?? message
