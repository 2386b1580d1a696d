import type { KesProcess } from './kesProcess.ts'
import type { Mounted } from './mountedFiles.ts'

/** What is true at one look. */
export interface Look {
  readonly mounted: Mounted
  readonly kes: KesProcess | undefined
  /** When the machine started, in Unix milliseconds. */
  readonly bootedAt: number
  /** KES has opened its port. */
  readonly listening: boolean
}

/** A file that was exchanged this shortly before a start may not have been read: two clocks are compared. */
const toleranceMs = 500

/** One content for one process: asked for once. */
export const loadOf = ({ mounted, kes }: Pick<Look, 'mounted' | 'kes'>): string =>
  `${kes?.pid}.${kes?.startedAfterBootMs}.${mounted.digest}`

/**
 * Whether KES shall be told to reload. Pure.
 *
 * Not where it has read these files at its start: a KES that reloads forgets the keys that it remembers. And not before it listens: until
 * then a SIGHUP would end it (KES v0.24.0 `cmd/kes/server.go` takes the signal only after it has reached its key store).
 */
export function shallReload(look: Look, alreadyTold: string | undefined): boolean {
  const { mounted, kes, bootedAt, listening } = look
  if (!kes || !listening || alreadyTold === loadOf(look)) return false
  return mounted.exchangedAt > bootedAt + kes.startedAfterBootMs - toleranceMs
}
