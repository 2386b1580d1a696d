import { randomBytes } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ScriptError, unusable } from './scriptError.ts'

/** A list of some thousand Secrets fits; nothing that could fill the memory does. */
const largestBytes = 64 * 1024 * 1024

/** Keys are for their owner's eyes; certificates are for everybody's. */
const modes = { secret: 0o600, public: 0o644 } as const

export interface NewFile {
  readonly path: string
  readonly text: string
  readonly holds: keyof typeof modes
}

/** How a place is called in messages. */
export const shownPath = (path: string): string => (path === '-' ? 'standard input' : path)

/** Reads a text file, or standard input for `-`. Throws `InputUnusable`. */
export async function readInput(path: string): Promise<string> {
  const bytes = await readBytes(path)
  const text = bytes.toString('utf8')
  if (bytes[0] === 0x30 && text.includes('\u{fffd}'))
    throw unusable(
      `${shownPath(path)} is DER; convert it first: openssl x509 -inform der -in FILE (a key: openssl pkey)`,
    )
  return text
}

/**
 * Writes files. Where one of them exists nothing is written, unless `replace` says that exactly this one may be replaced; `advice`
 * tells what to do then. Each appears whole. Throws `WouldOverwrite` or `OutputFailed`.
 */
export async function writeFiles(
  files: readonly NewFile[],
  replace: (path: string) => boolean,
  advice: string,
): Promise<void> {
  const inTheWay = files.filter(({ path }) => existsSync(path) && !replace(path)).map(({ path }) => path)
  if (inTheWay.length > 0) {
    const [first = '', ...more] = inTheWay
    const which = more.length === 0 ? `${first} exists` : `${first} and ${more.length} more exist`
    throw new ScriptError('WouldOverwrite', `${which}: ${advice}`)
  }
  for (const file of files) await writeWhole(file, replace(file.path))
}

async function writeWhole({ path, text, holds }: NewFile, replace: boolean): Promise<void> {
  const written = replace ? `${path}.${randomBytes(4).toString('hex')}.tmp` : path
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    // `wx`: what appeared since it was looked for is not written over either.
    await writeFile(written, text, { mode: modes[holds], flag: 'wx' })
    await chmod(written, modes[holds])
    if (replace) await rename(written, path)
  } catch (cause) {
    if (replace) await rm(written, { force: true })
    throw new ScriptError('OutputFailed', `${path} cannot be written: ${reasonOf(cause)}`, { cause })
  }
}

async function readBytes(path: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let total = 0
  try {
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      const bytes = chunk as Buffer
      total += bytes.length
      if (total > largestBytes) throw unusable(`${shownPath(path)} is too long for keys and certificates`)
      chunks.push(bytes)
    }
  } catch (cause) {
    if (cause instanceof ScriptError) throw cause
    throw unusable(`${shownPath(path)} cannot be read: ${reasonOf(cause)}`, cause)
  }
  return Buffer.concat(chunks)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EACCES: 'no permission',
  EEXIST: 'it has just appeared',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
  return reasons[code] ?? code
}
