import { describe, expect, it } from 'vitest'
import { ControllerSettings } from '../../../src/config/controllerSettings.ts'
import { readSettings, settingsTable, SettingsError } from '../../../src/config/settings.ts'
import { WebhookSettings } from '../../../src/config/webhookSettings.ts'

const needed = ['--release-namespace', 'kes-system']
const webhook = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  readSettings(WebhookSettings, [...needed, ...argv], environment)

/** What is said to whoever started the process wrongly. */
function complaint(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  throw new Error('it was accepted')
}

describe('a setting', () => {
  it('is what the flag says, else the variable, else the default', () => {
    const environment = { KES_INJECTOR_PORT: '9001' }
    expect(webhook(['--port', '9000'], environment).port).toBe(9_000)
    expect(webhook(['--port=9000'], environment).port).toBe(9_000)
    expect(webhook([], environment).port).toBe(9_001)
    expect(webhook([]).port).toBe(8_443)
  })

  it('is left at its default by an empty text', () => {
    expect(webhook([], { KES_INJECTOR_PORT: '' }).port).toBe(8_443)
    expect(webhook(['--log-level=']).logLevel).toBe('info')
  })

  it('in milliseconds is given in seconds', () => {
    expect(webhook([]).drainMs).toBe(15_000)
    expect(webhook(['--drain-seconds', '2']).drainMs).toBe(2_000)
  })

  it('of another program in the same environment is none of ours', () => {
    expect(() => webhook([], { KES_INJECTOR_SURPRISE: '1', PORT: 'x' })).not.toThrow()
  })
})

describe('wrong settings', () => {
  it('are told all at once, each with its flag and its variable', () => {
    const said = complaint(() =>
      readSettings(WebhookSettings, ['--port', '99999', '--log-level', 'loud'], { KES_INJECTOR_DRAIN_SECONDS: '-1' }),
    )
    expect(said.split('\n')).toHaveLength(4)
    expect(said).toContain('--release-namespace (KES_INJECTOR_RELEASE_NAMESPACE): is needed')
    expect(said).toContain('--port (KES_INJECTOR_PORT): ')
    expect(said).toContain('--log-level (KES_INJECTOR_LOG_LEVEL): ')
    expect(said).toContain('--drain-seconds (KES_INJECTOR_DRAIN_SECONDS): ')
  })

  it.each([
    ['a flag that nobody knows', ['--prot', '9000'], '--prot'],
    ['a word that belongs to no flag', ['webhook'], 'webhook'],
    ['a flag without its value', ['--port'], '--port'],
  ])('may be %s', (_what, argv, says) => {
    expect(complaint(() => webhook(argv))).toContain(says)
  })

  it.each(['0', '70000', '80.5', 'http'])('may be a port %s', (port) => {
    expect(complaint(() => webhook(['--port', port]))).toContain('--port')
  })
})

describe.each([
  ['webhook', WebhookSettings],
  ['controller', ControllerSettings],
] as const)('the settings of the %s', (_name, schema) => {
  const rows = settingsTable(schema)

  it('have a flag, a variable and a line for people each', () => {
    for (const [flag, variable, description] of rows) {
      expect(flag).toMatch(/^--[a-z]+(-[a-z]+)*$/)
      expect(variable).toBe(`KES_INJECTOR_${flag.slice(2).replaceAll('-', '_').toUpperCase()}`)
      expect(description.length).toBeGreaterThan(10)
    }
    expect(new Set(rows.map(([flag]) => flag)).size).toBe(rows.length)
  })

  it('are no place for a secret: they are seen in the process list', () => {
    for (const [flag] of rows) expect(flag).not.toMatch(/password|secret|token|key$/)
  })
})
