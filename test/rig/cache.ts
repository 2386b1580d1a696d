import { createHash, type Hash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { withLock } from './lock.ts'

/** Answers the folder for what is made once and kept: `$XDG_CACHE_HOME/kes-injector`. */
export function cacheFolder(): string {
  // The XDG specification says to ignore a relative path.
  const configured = process.env['XDG_CACHE_HOME']
  return join(configured?.startsWith('/') ? configured : join(homedir(), '.cache'), 'kes-injector')
}

/**
 * Answers the path of something in the cache, made first if it is not there.
 *
 * It is made beside its place and renamed, so what is found is whole; of several processes one makes it and the rest wait.
 * An entry never changes: its name must hold all that it is made of (a version, a hash).
 */
export async function cached(kind: string, name: string, make: (into: string) => Promise<void>): Promise<string> {
  const path = join(cacheFolder(), kind, name)
  if (existsSync(path)) return path
  return withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return path
    const unfinished = `${path}.tmp`
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(dirname(unfinished), { recursive: true })
    await make(unfinished)
    renameSync(unfinished, path)
    return path
  })
}

/** Answers 12 hexadecimal digits that stand for the given parts. */
export function shortHash(feed: (hash: Hash) => void): string {
  const hash = createHash('sha256')
  feed(hash)
  return hash.digest('hex').slice(0, 12)
}
