import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommand, type Command, type Invocation } from '../../../src/cli/command.ts'
import { SettingsError } from '../../../src/config/settings.ts'

const said: string[] = []
beforeEach(() => {
  said.length = 0
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text))
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

const command = (run: Command['run']): Readonly<Record<string, Command>> => ({ try: { summary: 'tries', run } })

describe('a subcommand', () => {
  it('gets its own words and the environment, and answers the exit code', async () => {
    let got: Invocation | undefined
    const commands = command((invocation) => {
      got = invocation
      return 7
    })
    expect(await runCommand(commands, ['try', '--a', 'b'], { HOME: '/' })).toBe(7)
    expect(got).toEqual({ argv: ['--a', 'b'], environment: { HOME: '/' } })
  })

  it('that was called wrongly says how, for people', async () => {
    const commands = command(() => {
      throw new SettingsError('--port: must be a port')
    })
    expect(await runCommand(commands, ['try'], {})).toBe(2)
    expect(said.join('')).toBe('kes-injector try: --port: must be a port\nSee kes-injector try --help\n')
  })

  it('that breaks is not taken for one that was called wrongly', async () => {
    const commands = command(() => Promise.reject(new TypeError('a bug')))
    await expect(runCommand(commands, ['try'], {})).rejects.toThrow('a bug')
    expect(said).toEqual([])
  })
})
