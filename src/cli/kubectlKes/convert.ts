import { convertTenant } from '../../plugin/convert/convert.ts'
import { readSubject } from '../../plugin/explain/subject.ts'
import { UsageError } from '../command.ts'
import { clusterOptions, type PluginCall, type PluginCommand } from './pluginCommand.ts'

export const convertCommand: PluginCommand = {
  summary:
    'make a Tenant that was connected to a KES by hand one of a KeyServer: shows what would be done, and does it with --yes',
  words: 'tenant/NAME',
  options: {
    yes: { help: 'do what is shown; without it nothing is changed' },
    ...clusterOptions,
  },
  run(call) {
    const name = tenantOf(call)
    return convertTenant(call.cluster(), name, call.has('yes'), call.clock)
  },
}

function tenantOf({ words: [word = '', ...more] }: PluginCall): string {
  const subject = readSubject(word)
  if (subject?.kind === 'tenant' && more.length === 0) return subject.name
  throw new UsageError(
    subject && subject.kind !== 'namespace'
      ? 'only a Tenant is converted. For a plain MinIO take your own MINIO_KMS_* variables and the mounts of their certificates out of its ' +
          'Deployment or chart values: its next pods are connected when they are created (docs/how-to/take-over-a-stateful-kes.md)'
      : 'say which: tenant/NAME',
  )
}
