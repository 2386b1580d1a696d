import { readSubject, type Subject } from '../../plugin/explain/subject.ts'
import { injectSubject, uninjectSubject } from '../../plugin/inject/inject.ts'
import { UsageError } from '../command.ts'
import { clusterOptions, type PluginCall, type PluginCommand } from './pluginCommand.ts'

const options = {
  yes: { help: 'do what is shown; without it nothing is changed' },
  ...clusterOptions,
}

export const injectCommand: PluginCommand = {
  summary: 'opt a namespace in, or adopt a Tenant that runs: shows what would be done, and does it with --yes',
  words: '(namespace|tenant)/NAME',
  options,
  async run(call) {
    const subject = subjectOf(call)
    return injectSubject(call.cluster(), subject, call.has('yes'), call.clock)
  },
}

export const uninjectCommand: PluginCommand = {
  summary: 'opt a namespace or a Tenant out: shows what would be done and what that costs, and does it with --yes',
  words: '(namespace|tenant)/NAME',
  options,
  async run(call) {
    const subject = subjectOf(call)
    return uninjectSubject(call.cluster(), subject, call.has('yes'), call.clock)
  },
}

function subjectOf({ words: [word = '', ...more] }: PluginCall): Subject & { readonly kind: 'namespace' | 'tenant' } {
  const subject = readSubject(word)
  if (subject && more.length === 0) {
    const { kind, name } = subject
    if (kind === 'namespace' || kind === 'tenant') return { kind, name }
  }
  throw new UsageError('say which: namespace/NAME or tenant/NAME. A pod is connected when it is created: delete it')
}
