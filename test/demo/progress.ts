/** What the demo says while it works: each step with how long it took, each wait with what it waits for. */
export interface Progress {
  step<T>(what: string, work: () => Promise<T>): Promise<T>
  say(line: string): void
  /** Lines that a person should read closely. */
  show(lines: string): void
  summary(): string
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

export function progressTo(write: (line: string) => void): Progress {
  const startedMs = performance.now()
  const done: { readonly what: string; readonly tookMs: number }[] = []
  const stamp = () => `[${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s]`
  return {
    async step(what, work) {
      write(`${stamp()} ${what} …`)
      const beganMs = performance.now()
      const answer = await work()
      const tookMs = performance.now() - beganMs
      done.push({ what, tookMs })
      write(`${stamp()}   done in ${seconds(tookMs)}`)
      return answer
    },
    say: (line) => write(`${stamp()}   ${line}`),
    show: (lines) => {
      for (const line of lines.trimEnd().split('\n')) write(`             | ${line}`)
    },
    summary: () =>
      [
        ...done.map(({ what, tookMs }) => `  ${seconds(tookMs).padStart(8)}  ${what}`),
        `  ${seconds(performance.now() - startedMs).padStart(8)}  in all`,
      ].join('\n'),
  }
}
