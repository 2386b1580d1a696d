import { readdirSync, readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { join } from 'node:path'
import { call } from '../integration/admission/port.ts'
import type { WebhookProcess } from '../integration/admission/webhookProcess.ts'
import { mutate, mutations } from './mutation.ts'
import { judge, judgeAgain } from './oracle.ts'

/** What a campaign has seen. */
export interface Findings {
  readonly reviews: number
  /** How often each outcome came. */
  readonly outcomes: Readonly<Record<string, number>>
  /** What was not as promised, with all that is needed to see it again. */
  readonly failures: readonly string[]
  readonly rssMiB: { readonly before: number; readonly after: number; readonly most: number }
  /** Longest stall of the event loop, in seconds. */
  readonly longestStallSeconds: number
}

export interface Campaign {
  readonly webhook: WebhookProcess
  readonly reviews: number
  readonly seed: number
  /** Told every thousand reviews. */
  readonly progress?: (findings: Findings) => void
}

const batch = 1_000
const connections = 4
const tooManyFailures = 20

export const recordedReviews = (): readonly Buffer[] => {
  const folder = join(import.meta.dirname, 'reviews')
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file)))
}

/** Sends mutated reviews to a webhook that runs, and holds every answer against what is promised. */
export async function fuzz({ webhook, reviews, seed, progress }: Campaign): Promise<Findings> {
  const recorded = recordedReviews()
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const outcomes: Record<string, number> = {}
  const failures: string[] = []
  const before = webhook.rssMiB()
  let [most, longestStallSeconds, done] = [before, 0, 0]
  const findings = (): Findings => ({
    reviews: done,
    outcomes,
    failures,
    rssMiB: { before, after: webhook.rssMiB(), most },
    longestStallSeconds,
  })
  const ask = async (body: Buffer) => {
    const { status, text } = await call(webhook, { body, agent })
    return [body, status, text] as const
  }
  const one = async (body: Buffer, from: string): Promise<void> => {
    try {
      const { outcome, again } = judge(...(await ask(body)))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      if (again) judgeAgain(...(await ask(again)))
    } catch (error) {
      failures.push(`${from}: ${String(error)}: ${body.toString('base64')}`)
    }
  }
  try {
    for (let first = 0; first < reviews && failures.length < tooManyFailures; first += batch) {
      const count = Math.min(batch, reviews - first)
      const waiting = mutations(seed + first, count).entries()
      const worker = async (): Promise<void> => {
        for (const [at, each] of waiting) await one(mutate(recorded, each), `seed ${seed + first}, review ${at}`)
      }
      await Promise.all(Array.from({ length: connections }, worker))
      done += count
      if (!webhook.isRunning()) throw new Error(`the process is gone:\n${webhook.log().slice(-2_000)}`)
      most = Math.max(most, webhook.rssMiB())
      longestStallSeconds = Math.max(longestStallSeconds, await stallOf(webhook))
      progress?.(findings())
    }
  } finally {
    agent.destroy()
  }
  return findings()
}

/** The longest delay of the event loop since the last scrape (`monitorEventLoopDelay`), as the metrics tell it. */
async function stallOf(webhook: WebhookProcess): Promise<number> {
  const text = await webhook.metrics()
  return Number(/^nodejs_eventloop_lag_max_seconds ([\d.e+-]+)/m.exec(text)?.[1] ?? NaN)
}
