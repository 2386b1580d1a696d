import packageJson from '../../package.json' with { type: 'json' }
import { exitCodes } from './command.ts'

export function printVersion(): number {
  process.stdout.write(`${packageJson.version}\n`)
  return exitCodes.ok
}
