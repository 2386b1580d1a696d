import { unpackBackup } from '../../backup/archive.ts'
import { readBackupFile } from '../../backup/backupFile.ts'
import { checkBackup } from '../../backup/check.ts'
import { open } from '../../backup/sealing.ts'
import { UsageError } from '../command.ts'
import { keyOf, keyOptions } from './passphrase.ts'
import type { PluginCommand } from './pluginCommand.ts'

export const verifyCommand: PluginCommand = {
  summary: 'open a backup and decrypt with its keys what the key server had encrypted; needs no cluster',
  words: 'FILE',
  options: keyOptions,
  async run(call) {
    const [file, ...more] = call.words
    if (file === undefined || more.length > 0) throw new UsageError('say which file, as in: verify kes-default.age')
    const content = await readBackupFile(file)
    const { backup, manifest } = unpackBackup(await open(content, await keyOf(call)))
    const findings = checkBackup(backup)
    const ok = findings.every((finding) => finding.ok)
    const { name, uid } = manifest.keyServer
    return {
      ok,
      text: [
        `${file}: KeyServer ${name} (${uid}), saved ${backup.createdAt} by kes-injector ${backup.productVersion}`,
        ...findings.map((finding) => `${finding.ok ? 'ok     ' : 'PROBLEM'}  ${finding.says}`),
        ok ? 'This file restores the key server.' : 'This file does NOT restore the key server.',
      ],
      data: { ok, file, id: backup.id, createdAt: backup.createdAt, keyServer: manifest.keyServer, findings },
    }
  },
}
