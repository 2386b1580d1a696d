import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

// Reads a shared object from a pod's address, twenty times a second, until SIGTERM; then says what it saw.
const [, , shared = '', address = ''] = process.argv
const url = new URL(shared)
const deadlineMs = 60_000

let [answered, failed, slowestMs, longestPauseMs, lastMs] = [0, 0, 0, 0, performance.now()]

function get(): Promise<boolean> {
  return new Promise((resolve) => {
    const outgoing = request(
      // The signature is over the name that the link has.
      {
        host: address,
        port: url.port,
        path: `${url.pathname}${url.search}`,
        headers: { host: url.host },
        timeout: deadlineMs,
      },
      (incoming) => {
        incoming.resume()
        incoming.on('end', () => resolve(incoming.statusCode === 200))
        incoming.on('error', () => resolve(false))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(false))
    outgoing.end()
  })
}

const running = new Set<Promise<void>>()
async function one(): Promise<void> {
  const startedMs = performance.now()
  const good = await get()
  const nowMs = performance.now()
  if (!good) {
    failed++
    return
  }
  answered++
  slowestMs = Math.max(slowestMs, nowMs - startedMs)
  longestPauseMs = Math.max(longestPauseMs, nowMs - lastMs)
  lastMs = nowMs
}

const end = new AbortController()
process.on('SIGTERM', () => end.abort())
while (!end.signal.aborted) {
  const call = one()
  running.add(call)
  void call.then(() => running.delete(call))
  await delay(50)
}
await Promise.all(running)
process.stdout.write(
  JSON.stringify({ answered, failed, longestPauseMs: Math.round(longestPauseMs), slowestMs: Math.round(slowestMs) }),
)
