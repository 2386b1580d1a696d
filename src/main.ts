#!/usr/bin/env node
import { runControllerCommand } from './cli/controller.ts'
import { printVersion } from './cli/version.ts'
import { runWebhookCommand } from './cli/webhook.ts'
import { runCommand, type Command } from './cli/command.ts'

/** The command line: one line a subcommand. */
const commands: Readonly<Record<string, Command>> = {
  webhook: { summary: 'answer the admission reviews of the API server', run: runWebhookCommand },
  controller: { summary: 'run key servers, issue identities, renew certificates', run: runControllerCommand },
  version: { summary: 'print the version', run: printVersion },
}

process.exitCode = await runCommand(commands, process.argv.slice(2), process.env)
