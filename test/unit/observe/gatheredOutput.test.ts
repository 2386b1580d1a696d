import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { gatheredOutput } from '../../../src/observe/gatheredOutput.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('gathered output', () => {
  it('writes all lines of a turn together, and none waits longer', async () => {
    const writes: string[] = []
    let gathered = ''
    const output = gatheredOutput({
      write: (line: string) => void (gathered += line),
      flush: () => {
        writes.push(gathered)
        gathered = ''
      },
    })
    output.write('a\n')
    output.write('b\n')
    expect(writes).toEqual([])
    await nextTurn()
    expect(writes).toEqual(['a\nb\n'])
    output.write('c\n')
    await nextTurn()
    expect(writes).toEqual(['a\nb\n', 'c\n'])
  })

  it('keeps every line where more comes in a turn than is gathered', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gathered-'))
    const file = join(folder, 'log')
    const output = gatheredOutput(pino.destination({ dest: file, sync: true, minLength: 16 * 1024 - 1 }))
    const lines = Array.from({ length: 2_000 }, (_, at) => `${'x'.repeat(100)} ${at}\n`)
    for (const line of lines) output.write(line)
    await nextTurn()
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''))
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['an exit in the same turn', 'process.exit(3)'],
    ['an exception that nobody catches', 'throw new Error("x")'],
    ['a rejection that nobody handles', 'Promise.reject(new Error("x"))'],
    ['the end of all work', ''],
    ['a signal that is handled', 'process.on("SIGTERM", () => process.exit(0)); process.kill(process.pid, "SIGTERM")'],
  ])('loses nothing at %s', (_what, ending) => {
    const log = join(import.meta.dirname, '../../../src/observe/log.ts')
    const program = `
      import { createLog } from ${JSON.stringify(log)}
      const log = createLog({ level: 'info' })
      for (let at = 0; at < 500; at++) log.info('line', { count: at })
      ${ending}`
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
    const counts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly count: number }).count)
    expect(counts).toEqual(Array.from({ length: 500 }, (_, at) => at))
  })
})
