/** Certificates are backdated by five minutes: with a clock further off than that, what we issue is not valid yet, or not any more. */
const mostSkewMs = 5 * 60_000

/** Why nothing may be issued now: this machine's clock and the API server's differ too much. Undefined: they do not, or nobody knows yet. */
export function clockProblem(skewMs: number | undefined): string | undefined {
  if (skewMs === undefined || Math.abs(skewMs) <= mostSkewMs) return undefined
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  return `this machine's clock is ${minutes} minutes ${skewMs > 0 ? 'ahead of' : 'behind'} the API server's: nothing is issued until it is right`
}

/**
 * The time for whoever issues. Throws while this machine's clock is known to be wrong: what was observed a moment ago may have been
 * the first to tell.
 */
export const rightTime = (now: () => Date, skewMs: () => number | undefined) => (): Date => {
  const problem = clockProblem(skewMs())
  if (problem !== undefined) throw new Error(problem)
  return now()
}
