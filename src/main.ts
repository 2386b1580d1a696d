#!/usr/bin/env node
import { basename } from 'node:path'
import { runCommand, type Command } from './cli/command.ts'

/** The command line: one entry a subcommand. Each loads what is its own and no more: a webhook has no use for a controller. */
const commands = {
  webhook: {
    summary: 'answer the admission reviews of the API server',
    run: async (each) => (await import('./cli/webhook.ts')).runWebhookCommand(each),
  },
  controller: {
    summary: 'run key servers, issue identities, renew certificates',
    run: async (each) => (await import('./cli/controller.ts')).runControllerCommand(each),
  },
  agent: {
    summary: 'beside a current KES: make it reload what was exchanged',
    run: async (each) => (await import('./cli/agent.ts')).runAgentCommand(each),
  },
  kes: {
    summary: 'what `kubectl kes` does, for people: status, explain, check, …',
    run: async (each) => (await import('./cli/kubectlKes/run.ts')).runKubectlKes(each),
  },
  version: {
    summary: 'print the version',
    run: async () => (await import('./cli/version.ts')).printVersion(),
  },
} satisfies Readonly<Record<string, Command>>

const [, program = '', ...argv] = process.argv
// kubectl runs `kubectl kes` as the program kubectl-kes of the PATH.
const isPlugin = basename(program).startsWith('kubectl-kes')
process.exitCode = isPlugin
  ? await commands.kes.run({ argv, environment: process.env })
  : await runCommand(commands, argv, process.env)
