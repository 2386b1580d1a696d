import { SettingsError } from '../config/settings.ts'

export interface Invocation {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** A subcommand. Its answer is the exit code. */
export interface Command {
  readonly summary: string
  run(invocation: Invocation): Promise<number> | number
}

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

function help(commands: Readonly<Record<string, Command>>): string {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
  return [
    'kes-injector: connects MinIO to KES in Kubernetes',
    '',
    'Usage: kes-injector COMMAND [--help]',
    '',
    ...lines,
    '',
  ].join('\n')
}

/** Runs the subcommand that the first word names; answers the exit code. Wrong usage is said on stderr, with the way to the help. */
export async function runCommand(
  commands: Readonly<Record<string, Command>>,
  [name, ...argv]: readonly string[],
  environment: Invocation['environment'],
): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(help(commands))
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    process.stderr.write(`kes-injector: there is no command ${JSON.stringify(name)}; see kes-injector --help\n`)
    return exitCodes.usage
  }
  try {
    return await command.run({ argv, environment })
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    process.stderr.write(`kes-injector ${name}: ${error.message}\nSee kes-injector ${name} --help\n`)
    return exitCodes.usage
  }
}
