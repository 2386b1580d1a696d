type Stop = () => Promise<void>

const running = new Set<Stop>()
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function stopAll(signal: NodeJS.Signals): Promise<void> {
  await Promise.allSettled([...running].map((stop) => stop()))
  for (const name of signals) process.removeListener(name, handle)
  process.kill(process.pid, signal)
}

// A second signal while stopping finds no listener and ends the process at once.
function handle(signal: NodeJS.Signals): void {
  process.removeListener(signal, handle)
  void stopAll(signal)
}

/** Has something stopped before a signal ends this process. Answers how to take that back. */
export function stopOnInterrupt(stop: Stop): () => void {
  if (running.size === 0) for (const name of signals) process.on(name, handle)
  running.add(stop)
  return () => {
    running.delete(stop)
    if (running.size === 0) for (const name of signals) process.removeListener(name, handle)
  }
}
