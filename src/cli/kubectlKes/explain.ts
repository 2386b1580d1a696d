import { explain } from '../../plugin/explain/explain.ts'
import { objectInFile } from '../../plugin/explain/fileObject.ts'
import { readSubject } from '../../plugin/explain/subject.ts'
import { UsageError } from '../command.ts'
import { clusterOptions, type PluginCommand } from './pluginCommand.ts'
import { readText } from './readText.ts'

export const explainCommand: PluginCommand = {
  summary: 'say what the webhook decides about an object and why, and what may stop its MinIO',
  words: 'KIND/NAME',
  options: {
    file: {
      short: 'f',
      value: 'FILE',
      help: 'the object as it stands in this file (`-`: standard input), not as it is stored',
    },
    ...clusterOptions,
  },
  async run({ words: [word, ...more], flag, cluster, clock }) {
    const subject = word === undefined ? undefined : readSubject(word)
    const file = flag('file')
    if (more.length > 0 || (word === undefined ? file === undefined : subject === undefined))
      throw new UsageError(
        'say which object: tenant/NAME, pod/NAME, statefulset/NAME, deployment/NAME or namespace/NAME',
      )
    const given = file === undefined ? undefined : objectInFile(await readText(file), subject)
    const asked = given?.subject ?? subject
    if (!asked) throw new UsageError('say which object')
    return explain(cluster(), { subject: asked, given, namespace: flag('namespace') }, clock.now())
  },
}
