import type { Tell } from '../../backup/progress.ts'

/** Where progress is shown: standard error. */
export interface Screen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

const width = 24

/**
 * Shows which of `steps` is under way. On a terminal it is one line with a bar that is written over; elsewhere, in a log,
 * each step is one line as it begins. `end` leaves a clean line.
 */
export function progressBar(
  screen: Screen,
  steps: readonly string[],
): { readonly tell: Tell; readonly end: () => void } {
  let current: string | undefined
  const tell: Tell = (step, bytes) => {
    if (screen.isTTY === true) {
      const done = Math.max(steps.indexOf(step), 0)
      const full = Math.round((width * done) / steps.length)
      const size = bytes === undefined || bytes === 0 ? '' : ` (${sizeOf(bytes)})`
      screen.write(`\r\u001b[2K[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${step}${size}`)
    } else if (step !== current) screen.write(`${step}\n`)
    current = step
  }
  const end = (): void => {
    if (screen.isTTY === true && current !== undefined) screen.write('\r\u001b[2K')
    current = undefined
  }
  return { tell, end }
}

/** A size as people read it. */
export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
