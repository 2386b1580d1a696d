import { randomBytes } from 'node:crypto'
import { access, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { BackupError } from './backupError.ts'

/** Writes a file that only its owner may read, whole or not at all: beside its place, onto the disk, then renamed. A file that exists stays. */
export async function writeBackupFile(path: string, content: Uint8Array): Promise<void> {
  await checkFree(path)
  const beside = `${path}.${randomBytes(4).toString('hex')}.partial`
  try {
    await using file = await open(beside, 'wx', 0o600)
    await file.writeFile(content)
    await file.sync()
    await checkFree(path)
    await rename(beside, path)
    await using folder = await open(dirname(path))
    await folder.sync()
  } catch (error) {
    await rm(beside, { force: true })
    throw error instanceof BackupError ? error : unwritable(path, error)
  }
}

/** Throws `NotBackedUp` where the file exists. Asked before the work and before the end of it. */
export async function checkFree(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists) throw new BackupError('NotBackedUp', `${path} exists and is not written over`)
}

/** Reads a file whole. Throws `NotABackup`. */
export async function readBackupFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new BackupError('NotABackup', `${path} cannot be read (${codeOf(error)})`, { cause: error })
  }
}

const unwritable = (path: string, cause: unknown): BackupError =>
  new BackupError('NotBackedUp', `${path} cannot be written (${codeOf(cause)})`, { cause })

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason'
