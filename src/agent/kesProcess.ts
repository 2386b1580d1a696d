import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The KES of this pod, found among the processes that the pod shares. */
export interface KesProcess {
  readonly pid: number
  /** Since the machine started, in milliseconds: the clock that the kernel keeps process times by. */
  readonly startedAfterBootMs: number
}

/** Linux counts process times in hundredths of a second for everybody, whatever its own tick is (proc(5), USER_HZ). */
const tickMs = 10

/** Field 22 of `/proc/PID/stat`. The second field is the program's name in brackets, and may itself hold brackets and blanks. */
export function startOf(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[19])
  return Number.isSafeInteger(ticks) && ticks >= 0 ? ticks * tickMs : undefined
}

/** Whether this is the command line of a KES that runs with this configuration: `…/kes server … --config FILE`. */
export function isKes(commandLine: string, configurationFile: string): boolean {
  const [, ...args] = commandLine.split('\0')
  return args[0] === 'server' && args.some((arg, index) => arg === configurationFile && args[index - 1] === '--config')
}

/**
 * Finds KES by its command line, which every process of the pod may read; undefined while it does not run. Images call the program
 * differently, and its first process id is not known.
 */
export async function findKes(configurationFile: string, proc = '/proc'): Promise<KesProcess | undefined> {
  for (const entry of await readdir(proc)) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (!isKes(await readFile(join(proc, entry, 'cmdline'), 'utf8'), configurationFile)) continue
      const startedAfterBootMs = startOf(await readFile(join(proc, entry, 'stat'), 'utf8'))
      if (startedAfterBootMs !== undefined) return { pid: Number(entry), startedAfterBootMs }
    } catch {
      // It ended while we looked.
    }
  }
  return undefined
}
