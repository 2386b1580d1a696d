import { expect } from 'vitest'
import { until } from '../../rig/waiting.ts'
import { call } from './port.ts'
import type { WebhookProcess } from './webhookProcess.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly [field: string]: unknown
}

/** Every line of the log so far, each of which must be one JSON object. */
const linesOf = (log: string): readonly Line[] =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

/** Waits until the log has so many lines more than before; answers them. */
export async function logged(webhook: WebhookProcess, before: string, count: number): Promise<readonly Line[]> {
  return await until(
    () => {
      const lines = linesOf(webhook.log().slice(before.length))
      return lines.length >= count ? lines : undefined
    },
    { what: `${count} lines of log`, timeoutMs: 5_000, everyMs: 2 },
  )
}

/** What no client may ever see: stacks, paths of files, classes of errors. */
export const innards = /\bat [\w.<>]+ \(|\.ts:\d|node:internal|TypeError|RangeError|SyntaxError/

/**
 * What "OK" means for every bad input: the process that was there is there, and the next good review is answered fast:
 * in under 100 ms the first time or, because other programs share the machine, one of the next.
 */
export async function isWell(webhook: WebhookProcess): Promise<void> {
  expect(webhook.isRunning()).toBe(true)
  const before = webhook.log()
  const times: number[] = []
  while (times.length < 10 && !times.some((ms) => ms < 100)) {
    const begin = performance.now()
    expect((await call(webhook)).status).toBe(200)
    times.push(performance.now() - begin)
  }
  expect(Math.min(...times)).toBeLessThan(100)
  await logged(webhook, before, times.length)
}
