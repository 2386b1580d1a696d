import { objectKey, type Ref, type Resource } from './object.ts'

/** How a call can fail. Stable: logs and metrics carry these words. */
export type ApiErrorCode =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Invalid'
  | 'TooManyRequests'
  | 'Expired'
  | 'ServerError'
  | 'Timeout'
  | 'ConnectionFailed'
  | 'BadResponse'
  | 'Aborted'
  | 'BadConfiguration'

/** What was tried: it makes the first half of every message. */
export interface Call {
  readonly verb: string
  readonly resource: Resource
  readonly ref?: Ref | undefined
}

interface Details {
  readonly status?: number
  /** The API server's own word, such as `NotFound` or `FieldValueInvalid`. */
  readonly reason?: string
  /** The name of the object that the API server's answer speaks of. */
  readonly subject?: string
  /** How long the server asks us to stay away. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** The one error of this room. Its message names verb, resource and object, never what is in the object. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly subject: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(code: ApiErrorCode, message: string, { status, reason, subject, retryAfterMs, cause }: Details = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
    this.reason = reason
    this.subject = subject
    this.retryAfterMs = retryAfterMs
  }
}

/** True for an `ApiError` of one of these codes. */
export function isApiError(error: unknown, ...codes: readonly ApiErrorCode[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code))
}

/** An `ApiError` that says what was tried. */
export function callFailed(call: Call, code: ApiErrorCode, what: string, details?: Details): ApiError {
  return new ApiError(code, `${describeCall(call)}: ${what}`, details)
}

function describeCall({ verb, resource, ref }: Call): string {
  const kind = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
  return ref === undefined ? `${verb} ${kind}` : `${verb} ${kind} ${objectKey(ref)}`
}

/** The part of a `Status` (apimachinery meta/v1) that we read; every field may be missing or lie. */
export interface Status {
  readonly reason?: string
  readonly message?: string
  readonly code?: number
  readonly retryAfterSeconds?: number
  /** The object that the status speaks of. */
  readonly name?: string
}

/** Reads a `Status` out of anything; undefined if it is not one. */
export function readStatus(body: unknown): Status | undefined {
  if (!isRecord(body) || body['kind'] !== 'Status') return undefined
  const details = isRecord(body['details']) ? body['details'] : {}
  return {
    ...text('reason', body['reason']),
    ...text('message', body['message']),
    ...count('code', body['code']),
    ...count('retryAfterSeconds', details['retryAfterSeconds']),
    ...text('name', details['name']),
  }
}

/** The error for an answer that is not a success. `retryAfterMs` is what the header said. */
export function answerFailed(
  call: Call,
  httpStatus: number,
  status: Status | undefined,
  retryAfterMs?: number,
): ApiError {
  const code = codeOf(httpStatus, status?.reason)
  const told = status === undefined || isSecret(call.resource) ? undefined : printable(status.message)
  const wait = retryAfterMs ?? (status?.retryAfterSeconds === undefined ? undefined : status.retryAfterSeconds * 1000)
  return callFailed(call, code, [httpStatus, printable(status?.reason) ?? code, told].filter(Boolean).join(' '), {
    status: httpStatus,
    ...(status?.reason === undefined ? {} : { reason: status.reason }),
    ...(status?.name === undefined ? {} : { subject: status.name }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
}

function codeOf(status: number, reason: string | undefined): ApiErrorCode {
  switch (status) {
    case 401:
      return 'Unauthorized'
    case 403:
      return 'Forbidden'
    case 404:
      return 'NotFound'
    case 409:
      return reason === 'AlreadyExists' ? 'AlreadyExists' : 'Conflict'
    case 410:
      return 'Expired'
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return 'Invalid'
    case 429:
      return 'TooManyRequests'
    case 504:
      return 'Timeout'
    default:
      return status >= 500 && status < 600 ? 'ServerError' : 'BadResponse'
  }
}

// A decoding error of the API server quotes the bytes it stumbled over, and here those may be a key.
const isSecret = ({ group, plural }: Resource) => group === '' && plural === 'secrets'

const longestMessage = 512

/** Cut to a length a log line bears, and free of control characters: a server's words are outside input too. */
function printable(message: string | undefined): string | undefined {
  return message?.slice(0, longestMessage).replace(/\p{Cc}+/gu, ' ')
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const text = <K extends string>(key: K, value: unknown): Partial<Record<K, string>> =>
  (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as Partial<Record<K, string>>

const count = <K extends string>(key: K, value: unknown): Partial<Record<K, number>> =>
  (Number.isSafeInteger(value) && (value as number) >= 0 ? { [key]: value } : {}) as Partial<Record<K, number>>
