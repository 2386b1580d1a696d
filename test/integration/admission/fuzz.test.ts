import { expect, it } from 'vitest'
import { fuzz } from '../../fuzz/campaign.ts'
import { startWebhook } from './webhookProcess.ts'

// `npm run fuzz` is the long run, with another seed each time.
it('keeps every promise on five thousand mutated reviews', { timeout: 120_000 }, async () => {
  await using webhook = await startWebhook({ nodeFlags: ['--max-old-space-size=128'] })
  await webhook.untilReady()
  const { failures, outcomes, rssMiB } = await fuzz({ webhook, reviews: 5_000, seed: 1 })
  expect(failures).toEqual([])
  expect(webhook.isRunning()).toBe(true)
  // The mutations must reach the decisions, not only the parser.
  for (const outcome of ['Injected', 'Repaired', 'Malformed', 'NotMinio', 'UserManagedKms', 'NotForUs', '400'])
    expect(outcomes, outcome).toHaveProperty(outcome)
  expect(rssMiB.after).toBeLessThan(rssMiB.before + 64)
})
