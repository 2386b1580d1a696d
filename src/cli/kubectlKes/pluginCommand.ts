import { parseArgs } from 'node:util'
import { BackupError } from '../../backup/backupError.ts'
import { KesError } from '../../kes/kesError.ts'
import { ApiError } from '../../kube/apiError.ts'
import { systemClock, type Clock } from '../../kube/clock.ts'
import { loadConnection } from '../../kube/connection.ts'
import { createHttpClient } from '../../kube/httpClient.ts'
import { createPlainReads } from '../../kube/plainReads.ts'
import type { Cluster } from '../../plugin/cluster.ts'
import { PluginError } from '../../plugin/pluginError.ts'
import type { Told } from '../../plugin/told.ts'
import { exitCodes, UsageError, type Command, type Invocation } from '../command.ts'

/** A flag: one with `value` takes a word, which `value` names in the help. */
export interface Option {
  readonly short?: string
  readonly value?: string
  /** It may be given several times. */
  readonly multiple?: true
  readonly help: string
}

/** A subcommand of the plugin: what `--help` and docs/reference/commands.md say of it, and what it answers. */
export interface PluginCommand {
  readonly summary: string
  /** What stands behind its name: `explain KIND/NAME` has `KIND/NAME`. */
  readonly words: string
  readonly options: Readonly<Record<string, Option>>
  /** Throws UsageError for words that it does not know; PluginError and ApiError are told in one line. */
  run(call: PluginCall): Promise<Told>
}

/** What a subcommand was asked. */
export interface PluginCall {
  readonly words: readonly string[]
  /** The word of a flag that takes one. */
  readonly flag: (name: string) => string | undefined
  /** The words of a flag that may be given several times. */
  readonly flags: (name: string) => readonly string[]
  /** Whether a flag without a word was given. */
  readonly has: (name: string) => boolean
  /** Connects at the first call: with `--context` and `-n`, else as the kubeconfig says. Throws ApiError `BadConfiguration`. */
  readonly cluster: () => Cluster
  readonly clock: Clock
}

/** Flags that every subcommand has. */
export const commonOptions: Readonly<Record<string, Option>> = {
  output: { short: 'o', value: 'FORMAT', help: '`json`: the answer as data, for programs' },
  help: { short: 'h', help: 'this text' },
}

/** Flags of the subcommands that look into a cluster. */
export const clusterOptions: Readonly<Record<string, Option>> = {
  namespace: { short: 'n', value: 'NAMESPACE', help: "the namespace; without it the one of the kubeconfig's context" },
  context: { value: 'CONTEXT', help: 'another context of the kubeconfig than its current one' },
}

/** A plugin's subcommand as a command of the program: it reads the flags, prints the answer, and ends with 0, or 1 where a problem was found. */
export function asCommand(name: string, command: PluginCommand): Command {
  return {
    summary: command.summary,
    async run({ argv }: Invocation) {
      const { positionals, values } = readWords(argv, { ...command.options, ...commonOptions })
      if (values['help'] === true) {
        process.stdout.write(pluginHelp(name, command))
        return exitCodes.ok
      }
      const output = values['output']
      if (output !== undefined && output !== 'json') throw new UsageError('--output: only json is known')
      const opened: { cluster: Cluster; close: () => void }[] = []
      const flag = (each: string) => (typeof values[each] === 'string' ? values[each] : undefined)
      try {
        const told = await command.run({
          words: positionals,
          flag,
          flags: (each) => [values[each] ?? []].flat().filter((word) => typeof word === 'string'),
          has: (each) => values[each] === true,
          cluster: () => {
            const first = opened[0] ?? open(flag('context'), flag('namespace'))
            if (opened.length === 0) opened.push(first)
            return first.cluster
          },
          clock: systemClock,
        })
        process.stdout.write(
          output === 'json' ? `${JSON.stringify(told.data, null, 2)}\n` : `${told.text.join('\n')}\n`,
        )
        return told.ok ? exitCodes.ok : exitCodes.failed
      } catch (error) {
        if (!isTold(error)) throw error
        process.stderr.write(`kubectl kes ${name}: ${error.message}\n`)
        return exitCodes.failed
      } finally {
        for (const { close } of opened) close()
      }
    },
  }
}

/** Errors whose message is made for people. */
const isTold = (error: unknown): error is Error =>
  [PluginError, ApiError, BackupError, KesError].some((kind) => error instanceof kind)

function readWords(argv: readonly string[], known: Readonly<Record<string, Option>>) {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { short, value, multiple = false }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), multiple, ...(short ? { short } : {}) },
    ]),
  )
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function open(context: string | undefined, namespace: string | undefined) {
  const connection = loadConnection(context === undefined ? {} : { context })
  const client = createHttpClient(connection, systemClock)
  const plain = createPlainReads(connection, systemClock)
  const close = (): void => {
    client.close()
    plain.close()
  }
  return { cluster: { client, plain, namespace: namespace ?? connection.namespace }, close }
}

/** The lines that explain the flags. */
export const optionRows = (options: PluginCommand['options']): readonly (readonly [string, string])[] =>
  Object.entries({ ...options, ...commonOptions }).map(([name, { short, value, help }]) => [
    `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`,
    help,
  ])

/** The text of `kubectl kes NAME --help`. */
export function pluginHelp(name: string, { summary, words, options }: PluginCommand): string {
  const rows = optionRows(options)
  const width = Math.max(...rows.map(([flag]) => flag.length))
  const usage = ['kubectl kes', name, words, '[FLAGS]'].filter((part) => part !== '').join(' ')
  return [
    `Usage: ${usage}`,
    '',
    `  ${summary}`,
    '',
    ...rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    '',
  ].join('\n')
}
