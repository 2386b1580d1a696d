import { UsageError } from '../command.ts'
import { observeStatus } from '../../plugin/status/observe.ts'
import { tellStatus } from '../../plugin/status/tell.ts'
import { clusterOptions, type PluginCommand } from './pluginCommand.ts'

export const statusCommand: PluginCommand = {
  summary: 'show key servers, identities and namespaces, and what waits for what',
  words: '',
  options: {
    ...clusterOptions,
    namespace: { short: 'n', value: 'NAMESPACE', help: 'only the identities of this namespace; without it all' },
  },
  async run({ words, flag, cluster, clock }) {
    if (words.length > 0) throw new UsageError('status takes no words besides its flags')
    return tellStatus(await observeStatus(cluster(), flag('namespace')), clock.now())
  },
}
