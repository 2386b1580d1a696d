// `make test`: static checks and every tier, each named with what it needs and how long it took. The last line counts them all.
// The tier on the real node mostly waits for pods, so it runs beside the others; what it says is shown when it is done.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensurePrograms } from '../test/rig/programs/programs.ts'
import { programNames } from '../test/rig/programs/recipes.ts'
import { runCheck, staticChecks } from './checks.ts'

interface Tier {
  readonly name: string
  readonly what: string
}

const tiers: readonly Tier[] = [
  { name: 'unit', what: 'decisions, plans, certificates; properties over thousands of objects (two minutes)' },
  {
    name: 'integration',
    what: 'an API server that lies, a hostile TLS port, the real KES under its launcher (two and a half minutes)',
  },
  { name: 'apiserver', what: 'a real control plane, the real webhook and controller (seven minutes)' },
]
const onTheNode: Tier = { name: 'e2e', what: 'a real node: everything in pods (Linux and root; fifteen minutes)' }

interface Count {
  passed: number
  failed: number
}

const isCi = process.env['CI'] === 'true'
const total: Count = { passed: 0, failed: 0 }
const startedMs = performance.now()
const say = (line: string) =>
  console.log(`[${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s] ${line}`)

async function runStaticChecks(): Promise<void> {
  say('static checks (a minute)')
  for (const check of staticChecks) {
    const { ok, output, seconds } = await runCheck(check)
    say(`  ${ok ? 'ok  ' : 'FAIL'} ${check.name} (${seconds.toFixed(1)} s)`)
    if (!ok) console.log(output.trimEnd())
    total[ok ? 'passed' : 'failed']++
  }
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numFailedTestSuites: number
}

/** Runs a tier; what it prints is shown at once, or kept for the end. */
async function runTier({ name, what }: Tier, folder: string, show: 'live' | 'after'): Promise<void> {
  say(`tier ${name}: ${what}${show === 'after' ? '; beside the others, shown when done' : ''}`)
  const file = join(folder, `${name}.json`)
  const kept: Buffer[] = []
  const code = await new Promise<number | null>((resolve) => {
    const args = ['run', '--project', name, '--reporter', 'default', '--reporter', 'json', '--outputFile.json', file]
    const child = spawn('vitest', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (show === 'live' ? process.stdout.write(chunk) : kept.push(chunk)))
    child.on('close', resolve)
  })
  process.stdout.write(Buffer.concat(kept))
  const report = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Report,
    () => undefined,
  )
  const passed = report?.numPassedTests ?? 0
  const skipped = report?.numPendingTests ?? 0
  // A suite that could not even start has no failed test of its own.
  let failed = Math.max(report?.numFailedTests ?? 0, code === 0 ? 0 : 1)
  if (skipped > 0 && isCi) failed += skipped
  total.passed += passed
  total.failed += failed
  say(`tier ${name}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
}

const folder = await mkdtemp(join(tmpdir(), 'kes-injector-tests-'))
try {
  say('programs: built once from Go modules (cold about 13 minutes)')
  await ensurePrograms(programNames, say)
  await Promise.all([
    (async () => {
      for (const tier of tiers) await runTier(tier, folder, 'live')
    })(),
    (async () => {
      await runStaticChecks()
      await runTier(onTheNode, folder, 'after')
    })(),
  ])
} finally {
  await rm(folder, { recursive: true, force: true })
}
say('all tiers done')
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
