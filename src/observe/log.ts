import { pino, type DestinationStream } from 'pino'
import { gatheredOutput } from './gatheredOutput.ts'
import { createTimestamp } from './timestamp.ts'

/** Every field a log line may carry. A name that is not here does not compile, and is dropped if it comes anyway. */
const fieldNames = [
  'action',
  'address',
  'attempt',
  'code',
  'component',
  'configuration',
  'controller',
  'count',
  'durationMs',
  'epoch',
  'fingerprint',
  'generation',
  'host',
  'identity',
  'key',
  'keyServer',
  'kind',
  'leader',
  'name',
  'namespace',
  'notAfter',
  'operation',
  'outcome',
  'phase',
  'pod',
  'port',
  'process',
  'reason',
  'replica',
  'resource',
  'resourceVersion',
  'secret',
  'signal',
  'status',
  'uid',
  'version',
  'waitMs',
  'webhook',
] as const

export type LogField = (typeof fieldNames)[number]
export type LogFields = Readonly<Partial<Record<LogField, string | number | boolean | Date | undefined>>> & {
  /** Anything thrown: printed as name, code, message and the same of its causes. */
  readonly error?: unknown
}

/** What the program says about itself, one JSON line each. `key` and `secret` are names of objects, never contents. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** The same log with these fields on every line. */
  with(fields: LogFields): Log
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogOptions {
  readonly level: LogLevel
  /** Default: standard output, gathered: see gatheredOutput.ts. */
  readonly to?: DestinationStream
}

/** JSON lines to standard output: `time` in RFC 3339, `level` as a word, `message`, and allow-listed fields. */
export function createLog({ level, to = gatheredOutput() }: LogOptions): Log {
  const timestamp = createTimestamp()
  const options = {
    level,
    base: null,
    messageKey: 'message',
    timestamp: () => `,"time":"${timestamp()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const lines = pino(options, to)
  const withFields = (fixed: Fields): Log => {
    const say = (at: LogLevel) => (message: string, fields?: LogFields) => {
      if (lines.isLevelEnabled(at)) lines[at](allowed(fields, fixed), message)
    }
    return {
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: say('error'),
      with: (fields) => withFields(allowed(fields, fixed)),
    }
  }
  return withFields(none)
}

type Fields = Readonly<Record<string, unknown>>

const none: Fields = {}
const known: ReadonlySet<string> = new Set(fieldNames)

function allowed(fields: LogFields = {}, fixed: Fields): Fields {
  if (fixed === none && isAllowed(fields)) return fields
  const kept: Record<string, unknown> = { ...fixed }
  for (const name of Object.keys(fields)) {
    const value: unknown = fields[name as LogField | 'error']
    if (name === 'error') kept['error'] = describeError(value)
    else if (known.has(name) && isPlain(value)) kept[name] = value
  }
  return kept
}

/** Whether nothing need be kept from being printed, as in nearly every line: then no second object is made for it. */
function isAllowed(fields: LogFields): boolean {
  for (const name of Object.keys(fields)) {
    const value: unknown = fields[name as LogField | 'error']
    if (!known.has(name) || !(isPlain(value) || value === undefined)) return false
  }
  return true
}

const isPlain = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Date

const deepestCause = 4

/** Only what is known to be safe to print: an error's other properties may hold whole requests. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : `not an Error: ${typeof error}` }
  const { code } = error as { readonly code?: unknown }
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: error.message,
    ...(error.cause === undefined || depth >= deepestCause ? {} : { cause: describeError(error.cause, depth + 1) }),
    // Errors of a closed set are expected and name themselves; of all others we need the place.
    ...(typeof code === 'string' ? {} : { stack: error.stack }),
  }
}
