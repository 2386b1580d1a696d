import { describe, expect, it } from 'vitest'
import { runCheck, staticChecks } from '../../../scripts/checks.ts'

describe('a check', () => {
  const node = (program: string) => runCheck({ name: 'x', command: [process.execPath, '-e', program] })

  it('is passed by a command that ends well', async () => {
    expect(await node('')).toMatchObject({ ok: true, output: '' })
  })

  it('keeps what a command said before it failed', async () => {
    const { ok, output, seconds } = await node('console.log("out"); console.error("err"); process.exit(3)')
    expect(ok).toBe(false)
    expect(output).toContain('out')
    expect(output).toContain('err')
    expect(seconds).toBeGreaterThan(0)
  })

  it('is failed by a command that is not there', async () => {
    const { ok, output } = await runCheck({ name: 'x', command: ['no-such-program-anywhere'] })
    expect(ok).toBe(false)
    expect(output).toContain('ENOENT')
  })

  it('is failed by a command that is killed', async () => {
    expect((await node('process.kill(process.pid, "SIGKILL")')).ok).toBe(false)
  })

  it('runs where it belongs', async () => {
    const { ok } = await runCheck({ name: 'x', command: ['test', '-f', 'README.md'], cwd: 'images/kes-stateful' })
    expect(ok).toBe(true)
  })
})

describe('the static checks', () => {
  it('each say what holds', () => {
    expect(new Set(staticChecks.map(({ name }) => name)).size).toBe(staticChecks.length)
  })
})
