import { UsageError } from '../command.ts'
import { observeInstall } from '../../plugin/check/observe.ts'
import { tellCheck } from '../../plugin/check/tell.ts'
import { clusterOptions, type PluginCommand } from './pluginCommand.ts'

const { context } = clusterOptions

export const checkCommand: PluginCommand = {
  summary: 'check that kes-injector is installed and well, as far as you may see it',
  words: '',
  options: context ? { context } : {},
  async run({ words, cluster, clock }) {
    if (words.length > 0) throw new UsageError('check takes no words besides its flags')
    return tellCheck(await observeInstall(cluster()), clock.now())
  },
}
