/** Aborted at the first SIGTERM or SIGINT; a second one ends the process at once. */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController()
  const stop = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort(new Error(`got ${signal}`))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return controller.signal
}
