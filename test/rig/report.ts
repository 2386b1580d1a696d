/** Is told one line a step, for people. */
export type Report = (line: string) => void

export const silent: Report = () => undefined

/** Puts the seconds since now before each line, so that a slow step is seen. */
export function timed(report: Report): Report {
  const startedMs = performance.now()
  return (line) => report(`${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)}s  ${line}`)
}

/** Writes to standard error: standard output belongs to what a command answers. */
export const toTerminal: Report = (line) => process.stderr.write(`${line}\n`)
