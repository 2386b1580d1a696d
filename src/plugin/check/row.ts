import type { Seen } from '../seen.ts'

/** One question, and how it is answered. */
export interface Row {
  readonly what: string
  readonly result: 'ok' | 'failed' | 'warning' | 'unknown'
  readonly detail: string
}

export const ok = (what: string, detail = ''): Row => ({ what, result: 'ok', detail })
export const failed = (what: string, detail: string): Row => ({ what, result: 'failed', detail })
export const doubtful = (what: string, detail: string): Row => ({ what, result: 'warning', detail })

/** Answers a question about something that was looked for; what is hidden is unknown. */
export function rowOf<T>(what: string, seen: Seen<T>, answer: (value: T) => Row, missing = 'it is not there'): Row {
  switch (seen.is) {
    case 'found':
      return answer(seen.value)
    case 'hidden':
      return { what, result: 'unknown', detail: 'you may not read it' }
    case 'missing':
    case 'unknownKind':
      return failed(what, missing)
  }
}
