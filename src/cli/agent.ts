import { startAgent } from '../agent/agent.ts'
import { startStateServer } from '../agent/stateServer.ts'
import { AgentSettings } from '../config/agentSettings.ts'
import { readSettings } from '../config/settings.ts'
import { createLog } from '../observe/log.ts'
import { exitCodes, type Invocation } from './command.ts'
import { settingsHelp } from './settingsHelp.ts'
import { untilSignalled } from './untilSignalled.ts'

/** `kes-injector agent`: beside a current KES, makes it reload what was exchanged, until it is told to stop. */
export async function runAgentCommand({ argv, environment }: Invocation): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(settingsHelp('agent', AgentSettings))
    return exitCodes.ok
  }
  const { logLevel, port, ...settings } = readSettings(AgentSettings, argv, environment)
  const log = createLog({ level: logLevel })
  const agent = startAgent({ ...settings, log, signal: untilSignalled() })
  const server = await startStateServer(() => agent.state(), port)
  log.info('looking after KES', { configuration: settings.configuration })
  await agent.ended
  await server.close()
  return exitCodes.ok
}
