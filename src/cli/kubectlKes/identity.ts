import { identitiesIn } from '../../plugin/identity/identityIn.ts'
import { tellIdentities } from '../../plugin/identity/tell.ts'
import { UsageError } from '../command.ts'
import type { PluginCommand } from './pluginCommand.ts'
import { readText } from './readText.ts'

export const identityCommand: PluginCommand = {
  summary: 'print the KES identity of a certificate, a key or a Secret',
  words: 'of FILE',
  options: {},
  async run({ words: [of, file, ...more], clock }) {
    if (of !== 'of' || file === undefined || more.length > 0)
      throw new UsageError('say it as: identity of FILE (`-`: standard input)')
    return tellIdentities(identitiesIn(await readText(file)), clock.now())
  },
}
