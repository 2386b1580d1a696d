import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { withLock } from '../../rig/lock.ts'
import { identify } from '../../rig/processIdentity.ts'

const place = mkdtempSync(join(tmpdir(), 'rig-lock-'))
afterAll(() => rmSync(place, { recursive: true }))

const other = (path: string) => {
  const lock = join(import.meta.dirname, '../../rig/lock.ts')
  const script = `import { withLock } from ${JSON.stringify(lock)}
await withLock(${JSON.stringify(path)}, async () => { console.log('in'); await new Promise((done) => process.stdin.once('data', done)) })
process.exit(0)`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
}

describe('a lock', () => {
  it('lets one in at a time in one process, in the order of asking, and one who fails does not keep it', async () => {
    const path = join(place, 'order')
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`${name} in`)
      await Promise.resolve()
      seen.push(`${name} out`)
    }
    const failed = withLock(path, () => Promise.reject(new Error('no')))
    await Promise.all([expect(failed).rejects.toThrow('no'), withLock(path, work('a')), withLock(path, work('b'))])
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out'])
    expect(existsSync(path)).toBe(false)
  })

  it('keeps a second process out until the first is done', async () => {
    const path = join(place, 'two')
    const first = other(path)
    await new Promise((resolve) => first.stdout.once('data', resolve))
    let entered = false
    const second = withLock(path, () => Promise.resolve((entered = true)))
    await new Promise((resolve) => setImmediate(resolve))
    expect(entered).toBe(false)
    first.stdin.write('done\n')
    await expect(second).resolves.toBe(true)
  })

  it('is taken over from a process that was killed', async () => {
    const path = join(place, 'killed')
    const first = other(path)
    await new Promise((resolve) => first.stdout.once('data', resolve))
    first.kill('SIGKILL')
    await expect(withLock(path, () => Promise.resolve('mine'))).resolves.toBe('mine')
  })

  it('is taken over when its number belongs to another process by now, or its file is damaged', async () => {
    const reused = join(place, 'reused')
    writeFileSync(reused, JSON.stringify({ ...identify(process.pid), startTicks: '1' }))
    await expect(withLock(reused, () => Promise.resolve('mine'))).resolves.toBe('mine')
    const damaged = join(place, 'damaged')
    writeFileSync(damaged, '{')
    await expect(withLock(damaged, () => Promise.resolve('mine'))).resolves.toBe('mine')
  })
})
