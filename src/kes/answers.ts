import { KesError } from './kesError.ts'

/** One JSON object of an answer, its fields not yet looked at. */
export type Answer = Readonly<Record<string, unknown>>

/** Reads an answer that must be one JSON object. Throws `BadResponse`; the message never quotes the body. */
export function readAnswer(body: Buffer): Answer {
  const parsed = parse(body.toString('utf8'))
  if (isRecord(parsed)) return parsed
  throw bad('KES did not answer with a JSON object')
}

/** Reads a list as KES writes it: one JSON object a line, an empty body for none, an `error` line when it broke off. */
export function readLines(body: Buffer): readonly Answer[] {
  const answers = body
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => readAnswer(Buffer.from(line)))
  if (answers.some(({ error }) => typeof error === 'string' && error !== '')) {
    throw new KesError('ServerError', 'KES broke off in the middle of a list')
  }
  return answers
}

export function text(answer: Answer, field: string): string {
  const value = answer[field]
  if (typeof value === 'string') return value
  throw bad(`the answer of KES lacks the text ${field}`)
}

/** A text that may be missing: KES leaves empty fields out. */
export function optionalText(answer: Answer, field: string): string | undefined {
  return answer[field] === undefined || answer[field] === '' ? undefined : text(answer, field)
}

export function number(answer: Answer, field: string): number {
  const value = answer[field]
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw bad(`the answer of KES lacks the number ${field}`)
}

export function date(answer: Answer, field: string): Date {
  const value = new Date(text(answer, field))
  if (!Number.isNaN(value.getTime())) return value
  throw bad(`the answer of KES lacks the time ${field}`)
}

export function texts(answer: Answer, field: string): readonly string[] {
  const value = answer[field] ?? []
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  throw bad(`the answer of KES lacks the list ${field}`)
}

/** Bytes, which KES writes in base64. */
export function bytes(answer: Answer, field: string): Buffer {
  const encoded = text(answer, field)
  const decoded = Buffer.from(encoded, 'base64')
  if (decoded.length > 0 && decoded.toString('base64') === encoded) return decoded
  throw bad(`the answer of KES lacks the bytes ${field}`)
}

export function record(answer: Answer, field: string): Answer {
  const value = answer[field]
  if (isRecord(value)) return value
  throw bad(`the answer of KES lacks the object ${field}`)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // No cause: the parser's message quotes the text, and that may hold a plaintext.
    throw bad('KES did not answer with JSON')
  }
}

const isRecord = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const bad = (message: string): KesError => new KesError('BadResponse', message)
