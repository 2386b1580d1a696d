import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { identify, isRunning, type ProcessIdentity } from './processIdentity.ts'
import { until } from './waiting.ts'

const longestBuildMs = 30 * 60_000
const held = new Map<string, Promise<unknown>>()

function owner(path: string): ProcessIdentity | 'nobody' | undefined {
  try {
    const known = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity
    return isRunning(known) ? known : 'nobody'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'nobody'
  }
}

/** Takes the lock if it is free. The file appears with its content, so no reader meets a half-written one. */
function take(path: string): boolean {
  const mine = `${path}.${process.pid}`
  if (owner(path) === 'nobody') {
    // Of several who see a dead owner one wins the rename; who comes late moves a file aside that it then finds alive.
    const aside = `${mine}.stale`
    try {
      renameSync(path, aside)
      if (owner(aside) !== 'nobody') linkSync(aside, path)
      rmSync(aside)
    } catch {
      return false
    }
  }
  writeFileSync(mine, JSON.stringify(identify(process.pid)))
  try {
    linkSync(mine, path)
    return true
  } catch {
    return false
  } finally {
    rmSync(mine)
  }
}

async function alone<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true })
  await until(() => take(path) || undefined, { what: `the lock ${path}`, timeoutMs: longestBuildMs, everyMs: 200 })
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Does work while no other process, and nobody else in this one, does work under the same path. A dead owner's lock is taken over. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const before = held.get(path) ?? Promise.resolve()
  const mine = before.then(
    () => alone(path, work),
    () => alone(path, work),
  )
  held.set(path, mine)
  return mine
}
