import { createHash, randomBytes } from 'node:crypto'
import packageJson from '../../../package.json' with { type: 'json' }
import { annotations } from '../../api/names.ts'
import { packBackup, unpackBackup } from '../../backup/archive.ts'
import type { Backup } from '../../backup/backup.ts'
import { BackupError } from '../../backup/backupError.ts'
import { checkFree, writeBackupFile } from '../../backup/backupFile.ts'
import { checkBackup } from '../../backup/check.ts'
import { collectBackup } from '../../backup/collect.ts'
import { fingerprintsOf } from '../../backup/fingerprints.ts'
import { seal } from '../../backup/sealing.ts'
import { isApiError } from '../../kube/apiError.ts'
import type { Client } from '../../kube/client.ts'
import { openPodStreams } from '../../kube/podStreams.ts'
import { keyServers } from '../../kube/resources.ts'
import { UsageError } from '../command.ts'
import { untilSignalled } from '../untilSignalled.ts'
import { lockOf, lockOptions } from './passphrase.ts'
import { clusterOptions, type PluginCommand } from './pluginCommand.ts'
import { progressBar, sizeOf } from './progressBar.ts'

const steps = [
  'reading the KeyServer',
  'reading its Secrets',
  'asking the key server to encrypt',
  'reading its volume',
  'checking what was read',
  'encrypting the file',
  'writing the file',
] as const

export const backupCommand: PluginCommand = {
  summary: 'save a stateful key server with all its keys in one encrypted file, while it goes on working',
  words: 'KEYSERVER',
  options: {
    file: { short: 'f', value: 'FILE', help: 'where to write it; without it kes-KEYSERVER-TIME.age here' },
    ...lockOptions,
    ...clusterOptions,
    namespace: { short: 'n', value: 'NAMESPACE', help: 'where the key server runs; without it as the KeyServer says' },
  },
  async run(call) {
    const { words, flag, cluster, clock } = call
    const [name, ...more] = words
    if (name === undefined || more.length > 0) throw new UsageError('say which KeyServer, as in: backup default')
    const file =
      flag('file') ??
      `kes-${name}-${clock
        .now()
        .toISOString()
        .replaceAll(/[-:]|\.\d+/g, '')}.age`
    await checkFree(file)
    const lock = await lockOf(call)
    const context = flag('context')
    const { client } = cluster()
    const signal = untilSignalled()
    const { tell, end } = progressBar(process.stderr, steps)
    try {
      const backup = await collectBackup(
        {
          client,
          streams: openPodStreams(context === undefined ? {} : { context }),
          now: () => clock.now(),
          random: randomBytes,
          productVersion: packageJson.version,
          releaseNamespace: flag('namespace'),
          signal,
          tell,
        },
        name,
      )
      tell('checking what was read')
      const archive = packBackup(backup)
      // What is checked is what will be read one day, not what is in memory.
      const findings = checkBackup(unpackBackup(archive).backup)
      const wrong = findings.filter(({ ok }) => !ok)
      if (wrong.length > 0)
        throw new BackupError('Incomplete', `no file was written: ${wrong.map(({ says }) => says).join('; ')}`)
      tell('encrypting the file')
      const sealed = await seal(archive, lock)
      stopHere(signal)
      tell('writing the file')
      await writeBackupFile(file, sealed)
      const confirmed = await confirm(client, backup)
      return told(file, sealed, backup, findings, confirmed)
    } finally {
      end()
    }
  },
}

function stopHere(signal: AbortSignal): void {
  if (signal.aborted) throw new BackupError('NotBackedUp', 'stopped: no file was written')
}

/** Notes at the KeyServer that there is a backup of this unseal key. False where this person may not. */
async function confirm(client: Client, backup: Backup): Promise<boolean> {
  const fingerprint = fingerprintsOf(backup).unsealKey?.slice(0, 16)
  const { name } = backup.keyServer.metadata
  const said = { metadata: { annotations: { [annotations.backupConfirmed]: fingerprint } } }
  try {
    await client.mergePatch(keyServers, { name }, said)
    return true
  } catch (error) {
    if (isApiError(error)) return false
    throw error
  }
}

function told(
  file: string,
  sealed: Uint8Array,
  backup: Backup,
  findings: ReturnType<typeof checkBackup>,
  confirmed: boolean,
) {
  const sha256 = createHash('sha256').update(sealed).digest('hex')
  return {
    ok: true,
    text: [
      `${file}: ${sizeOf(sealed.length)}, SHA-256 ${sha256}`,
      ...findings.map(({ says }) => `  ${says}`),
      ...(confirmed ? [] : ['warning: this could not be noted at the KeyServer: you may not patch keyservers']),
      'Back up again after every new key or namespace. Whoever opens this file has all the keys.',
    ],
    data: {
      file,
      bytes: sealed.length,
      sha256,
      id: backup.id,
      createdAt: backup.createdAt,
      keyServer: backup.keyServer.metadata.name,
      keys: backup.keyServer.status?.keys ?? [],
      confirmed,
      findings,
    },
  }
}
