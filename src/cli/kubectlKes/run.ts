import { runCommand, type Invocation } from '../command.ts'
import { printVersion } from '../version.ts'
import { kubectlKes } from './commands.ts'

const program = { name: 'kubectl kes', about: 'shows and explains how MinIO is connected to KES in a cluster' }

/** `kubectl kes …`, also as `kes-injector kes …`. */
export const runKubectlKes = ({ argv, environment }: Invocation): Promise<number> =>
  runCommand(
    { ...kubectlKes, version: { summary: 'print the version', run: printVersion } },
    argv,
    environment,
    program,
  )
