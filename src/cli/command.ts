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

/** The words or flags of a command make no sense; the message is made for the person who typed them. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What the program is called here, and what it says of itself. */
export interface Program {
  readonly name: string
  readonly about: string
}

const itself: Program = { name: 'kes-injector', about: 'connects MinIO to KES in Kubernetes' }

export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const

function help(commands: Readonly<Record<string, Command>>, { name, about }: Program): string {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length))
  const lines = Object.entries(commands).map(([each, { summary }]) => `  ${each.padEnd(width)}  ${summary}`)
  return [`${name}: ${about}`, '', `Usage: ${name} COMMAND [--help]`, '', ...lines, ''].join('\n')
}

/** Runs the subcommand that the first word names; answers the exit code. Wrong usage is said on stderr, with the way to the help. */
export async function runCommand(
  commands: Readonly<Record<string, Command>>,
  [name, ...argv]: readonly string[],
  environment: Invocation['environment'],
  program: Program = itself,
): Promise<number> {
  if (name === undefined || name === '--help' || name === 'help') {
    process.stdout.write(help(commands, program))
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    process.stderr.write(`${program.name}: there is no command ${JSON.stringify(name)}; see ${program.name} --help\n`)
    return exitCodes.usage
  }
  try {
    return await command.run({ argv, environment })
  } catch (error) {
    if (!(error instanceof SettingsError || error instanceof UsageError)) throw error
    process.stderr.write(`${program.name} ${name}: ${error.message}\nSee ${program.name} ${name} --help\n`)
    return exitCodes.usage
  }
}
