import type { Command } from '../command.ts'
import { backupCommand } from './backup.ts'
import { checkCommand } from './check.ts'
import { convertCommand } from './convert.ts'
import { explainCommand } from './explain.ts'
import { identityCommand } from './identity.ts'
import { injectCommand, uninjectCommand } from './inject.ts'
import { asCommand, type PluginCommand } from './pluginCommand.ts'
import { restoreCommand } from './restore.ts'
import { statusCommand } from './status.ts'
import { verifyCommand } from './verify.ts'

/** What `kubectl kes` can do: one line a subcommand. */
export const pluginCommands: Readonly<Record<string, PluginCommand>> = {
  status: statusCommand,
  explain: explainCommand,
  check: checkCommand,
  inject: injectCommand,
  uninject: uninjectCommand,
  convert: convertCommand,
  identity: identityCommand,
  backup: backupCommand,
  verify: verifyCommand,
  restore: restoreCommand,
}

/** The same as commands of the program. */
export const kubectlKes: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.entries(pluginCommands).map(([name, command]) => [name, asCommand(name, command)]),
)
