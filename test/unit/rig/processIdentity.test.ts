import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { identify, isRunning, signal, type ProcessIdentity } from '../../rig/processIdentity.ts'
import { until } from '../../rig/waiting.ts'

const sleeper = async () => {
  const child = spawn('sleep', ['1000'])
  await once(child, 'spawn')
  return { child, known: identify(child.pid ?? 0) as ProcessIdentity }
}

describe('a process that was seen', () => {
  it('runs until it is ended, and is then no more', async () => {
    const { child, known } = await sleeper()
    expect(isRunning(known)).toBe(true)
    expect(signal(known, 'SIGKILL')).toBe(true)
    await once(child, 'exit')
    await until(() => !isRunning(known) || undefined, { what: 'the end', timeoutMs: 5_000 })
    expect(signal(known, 'SIGKILL')).toBe(false)
  })

  it('is not another one that got its number later, or in another boot', async () => {
    const { child, known } = await sleeper()
    for (const before of [
      { ...known, startTicks: '1' },
      { ...known, boot: 'another' },
    ]) {
      expect(isRunning(before)).toBe(false)
      expect(signal(before, 'SIGKILL')).toBe(false)
    }
    expect(isRunning(known)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  it('is nobody under a number that nobody has', () => {
    expect(identify(2 ** 22 + 1)).toBeUndefined()
  })
})
