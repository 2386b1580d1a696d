// `npm run verify`: all static checks, each on a line.
import { runCheck, staticChecks } from './checks.ts'

let failed = 0
for (const check of staticChecks) {
  const { ok, output, seconds } = await runCheck(check)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${check.name} (${seconds.toFixed(1)} s)`)
  if (!ok) {
    failed++
    console.log(output.trimEnd())
  }
}
process.exitCode = failed === 0 ? 0 : 1
