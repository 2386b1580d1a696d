import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readBackupFile, writeBackupFile } from '../../../src/backup/backupFile.ts'

describe('the file of a backup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'backup-file-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is written whole, for its owner only, and nothing is left beside it', async () => {
    const path = join(folder, 'a.age')
    await writeBackupFile(path, Buffer.from('sealed'))
    expect(readFileSync(path, 'utf8')).toBe('sealed')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['a.age'])
    expect((await readBackupFile(path)).toString()).toBe('sealed')
  })

  it('is never written over, and what cannot be written leaves nothing', async () => {
    const path = join(folder, 'b.age')
    writeFileSync(path, 'the former backup')
    await expect(writeBackupFile(path, Buffer.from('new'))).rejects.toMatchObject({ code: 'NotBackedUp' })
    expect(readFileSync(path, 'utf8')).toBe('the former backup')
    await expect(writeBackupFile(join(folder, 'none/c.age'), Buffer.from('new'))).rejects.toThrow('ENOENT')
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([])
    await expect(readBackupFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'NotABackup' })
  })
})
