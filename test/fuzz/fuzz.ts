// `npm run fuzz [-- --reviews N --seed N --program FILE]`: mutated reviews against the real server process.
// Says every ten thousand what it has seen; the last line is the verdict. The same seed sends the same reviews.
import { parseArgs } from 'node:util'
import { startWebhook } from '../integration/admission/webhookProcess.ts'
import { fuzz, type Findings } from './campaign.ts'

const { values } = parseArgs({
  options: {
    reviews: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    program: { type: 'string' },
  },
})
const [reviews, seed] = [Number(values.reviews), Number(values.seed)]
const say = ({ reviews: done, outcomes, failures, rssMiB, longestStallSeconds }: Findings): void => {
  const kinds = Object.entries(outcomes).sort(([, one], [, other]) => other - one)
  console.log(
    `${done} reviews, ${failures.length} broken promises; RSS ${rssMiB.before.toFixed(0)} -> ${rssMiB.after.toFixed(0)} MiB ` +
      `(most ${rssMiB.most.toFixed(0)}); longest stall ${(longestStallSeconds * 1000).toFixed(0)} ms; ` +
      kinds.map(([kind, count]) => `${kind} ${count}`).join(', '),
  )
}

console.log(`seed ${seed}`)
const startedMs = performance.now()
await using webhook = await startWebhook({
  ...(values.program === undefined ? {} : { program: values.program }),
  // As in a container with little memory: what is not given back soon shows.
  nodeFlags: ['--max-old-space-size=128'],
})
await webhook.untilReady()
const { pid } = webhook
const findings = await fuzz({
  webhook,
  reviews,
  seed,
  progress: (sofar) => {
    if (sofar.reviews % 10_000 === 0) say(sofar)
  },
})
for (const failure of findings.failures) console.log(failure)
say(findings)
const seconds = (performance.now() - startedMs) / 1000
const ok = findings.failures.length === 0 && webhook.pid === pid && webhook.isRunning()
console.log(`fuzz: ${ok ? 'ok' : 'FAILED'}, ${findings.reviews} reviews in ${seconds.toFixed(0)} s, seed ${seed}`)
process.exitCode = ok ? 0 : 1
