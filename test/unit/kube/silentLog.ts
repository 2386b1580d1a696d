import type { Log, LogFields } from '../../../src/observe/log.ts'

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** A log that keeps its lines for the test to look at. */
export function createSilentLog(lines: Line[] = []): Log & { readonly lines: readonly Line[] } {
  const say =
    (level: Line['level']) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields })
    }
  return {
    lines,
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    with: () => createSilentLog(lines),
  }
}
