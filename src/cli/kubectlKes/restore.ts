import { unpackBackup } from '../../backup/archive.ts'
import type { Backup } from '../../backup/backup.ts'
import { BackupError } from '../../backup/backupError.ts'
import { readBackupFile } from '../../backup/backupFile.ts'
import { checkBackup } from '../../backup/check.ts'
import { restoreBackup } from '../../backup/restore.ts'
import { open } from '../../backup/sealing.ts'
import { openPodStreams } from '../../kube/podStreams.ts'
import { UsageError } from '../command.ts'
import { untilSignalled } from '../untilSignalled.ts'
import { keyOf, keyOptions } from './passphrase.ts'
import { clusterOptions, type PluginCall, type PluginCommand } from './pluginCommand.ts'
import { progressBar } from './progressBar.ts'

const steps = [
  'opening the file',
  'making the claim',
  'filling its volume',
  'making its Secrets',
  'making the KeyServer',
  'making its identities',
] as const

export const restoreCommand: PluginCommand = {
  summary: 'make a key server again from a backup, where nothing of it exists; cut off, it goes on when called again',
  words: 'FILE',
  options: {
    ...keyOptions,
    identities: { help: 'only the KesIdentities whose namespaces did not exist before' },
    image: { value: 'IMAGE', help: 'the image that fills the volume; without it the one that the key server had' },
    ...clusterOptions,
    namespace: { short: 'n', value: 'NAMESPACE', help: 'where kes-injector is installed; without it where it was' },
  },
  async run(call) {
    const [file, ...more] = call.words
    if (file === undefined || more.length > 0) throw new UsageError('say which file, as in: restore kes-default.age')
    const content = await readBackupFile(file)
    const key = await keyOf(call)
    const { tell, end } = progressBar(process.stderr, steps)
    const made: string[] = []
    try {
      tell('opening the file')
      const backup = checked(unpackBackup(await open(content, key)).backup, call.flag('namespace'))
      const { identitiesLeft } = await restored(call, backup, tell, made)
      return told(backup, made, identitiesLeft)
    } catch (error) {
      end()
      if (made.length > 0)
        process.stderr.write(`made so far: ${made.join(', ')}\nCall it again with the same file to go on.\n`)
      throw error
    } finally {
      end()
    }
  },
}

/** A backup that verify would not trust is not restored: it would look like one that was. */
function checked(backup: Backup, namespace: string | undefined): Backup {
  const wrong = checkBackup(backup).filter(({ ok }) => !ok)
  if (wrong.length > 0)
    throw new BackupError('Damaged', `nothing was written: ${wrong.map(({ says }) => says).join('; ')}`)
  return namespace === undefined ? backup : { ...backup, releaseNamespace: namespace }
}

async function restored(
  { flag, has, cluster, clock }: PluginCall,
  backup: Backup,
  tell: ReturnType<typeof progressBar>['tell'],
  made: string[],
) {
  const [context, signal] = [flag('context'), untilSignalled()]
  const edges = {
    client: cluster().client,
    streams: openPodStreams(context === undefined ? {} : { context }),
    clock,
    now: () => clock.now(),
    signal,
    tell,
    made: (what: string) => void made.push(what),
  }
  try {
    return await restoreBackup(edges, backup, { identitiesOnly: has('identities'), image: flag('image') })
  } catch (error) {
    throw signal.aborted ? new BackupError('NotRestored', 'stopped', { cause: error }) : error
  }
}

function told(backup: Backup, made: readonly string[], identitiesLeft: readonly string[]) {
  const { name } = backup.keyServer.metadata
  return {
    ok: true,
    text: [
      made.length === 0 ? 'Everything was there already.' : `Made: ${made.join(', ')}`,
      ...(identitiesLeft.length === 0
        ? []
        : [
            `Without a namespace, not made: ${identitiesLeft.join(', ')}. Those of labelled namespaces the controller makes again, with`,
            'the same key pair; for others call restore --identities when their namespaces exist.',
          ]),
      `kubectl wait keyserver ${name} --for=condition=Ready`,
    ],
    data: { keyServer: name, backup: backup.id, made, identitiesLeft },
  }
}
