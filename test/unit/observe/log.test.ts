import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createLog, type LogFields, type LogLevel } from '../../../src/observe/log.ts'
import { Secret } from '../../../src/observe/secret.ts'

function setUp(level: LogLevel = 'info') {
  const written: string[] = []
  const log = createLog({ level, to: { write: (line: string) => written.push(line) } })
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { log, lines, written }
}

describe('the log', () => {
  it('leaves out a field without a value, and prints the others', () => {
    const { log, lines } = setUp()
    log.info('answered', { name: 'a', kind: undefined, count: 1 })
    expect(lines()).toEqual([expect.objectContaining({ message: 'answered', name: 'a', count: 1 })])
    expect(lines()[0]).not.toHaveProperty('kind')
  })

  it('writes one JSON object a line, with time, level, message and fields', () => {
    const { log, lines } = setUp()
    log.with({ controller: 'kesIdentity' }).warn('renewed', { key: 'tenant/default', notAfter: new Date(0) })
    const [line] = lines()
    expect(line).toMatchObject({
      level: 'warn',
      message: 'renewed',
      controller: 'kesIdentity',
      key: 'tenant/default',
      notAfter: '1970-01-01T00:00:00.000Z',
    })
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('drops fields that are not on the list, and values that are not plain', () => {
    const { log, lines } = setUp()
    const hostile = { password: 'hunter2', name: { toJSON: () => 'hunter2' }, key: 'kept' } as unknown as LogFields
    log.info('hello', hostile)
    expect(Object.keys(lines()[0] ?? {}).sort()).toEqual(['key', 'level', 'message', 'time'])
  })

  it('prints an error as name, code, message and causes, and nothing else that it carries', () => {
    const { log, written, lines } = setUp()
    const cause = Object.assign(new Error('connection reset'), { code: 'ECONNRESET', request: { body: 'hunter2' } })
    log.error('failed', { error: new Error('call failed', { cause }) })
    expect(lines()[0]?.['error']).toMatchObject({
      name: 'Error',
      message: 'call failed',
      cause: { code: 'ECONNRESET', message: 'connection reset' },
    })
    expect(written.join('')).not.toContain('hunter2')
  })

  it('survives an error that is its own cause, and things thrown that are no errors', () => {
    const { log, lines } = setUp()
    const loop = new Error('loop')
    loop.cause = loop
    log.error('failed', { error: loop })
    log.error('failed', { error: { secret: 'hunter2' } })
    expect(lines()[1]?.['error']).toEqual({ message: 'not an Error: object' })
  })

  it('writes nothing below its level', () => {
    const { log, written } = setUp('warn')
    log.debug('no')
    log.info('no')
    expect(written).toEqual([])
  })
})

describe('a secret', () => {
  it('cannot be printed by accident', () => {
    const secret = new Secret('hunter2')
    const printed = [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(secret, { showHidden: true }),
    ]
    expect(printed.join(' ')).not.toContain('hunter2')
    expect(String(secret)).toBe('[redacted]')
    expect(secret.reveal()).toBe('hunter2')
  })
})
