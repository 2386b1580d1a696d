import { KesError } from './kesError.ts'

// KES v0.22.3 takes these characters and no others in names of keys, policies and enclaves, and one more in patterns.
const name = /^[A-Za-z0-9_-]{1,80}$/
const pattern = /^[A-Za-z0-9_*-]{1,80}$/

/** Whether a current KES takes the name of a key or policy: like the stateful one, but no hyphen at an end (KES v0.24.0 `validName`). */
export const isServerName = (text: string): boolean =>
  name.test(text) && text !== '_' && !text.startsWith('-') && !text.endsWith('-')

/** Answers a key's or policy's name as it may stand in a path. Throws `BadRequest` without asking KES. */
export function checkedName(text: string): string {
  if (name.test(text)) return text
  throw new KesError('BadRequest', `KES takes names of 1 to 80 letters, digits, "-" and "_", not ${shown(text)}`)
}

/** Answers a pattern for lists (`*` stands for any characters). Throws `BadRequest` without asking KES. */
export function checkedPattern(text: string): string {
  if (pattern.test(text)) return text
  throw new KesError('BadRequest', `KES takes patterns of letters, digits, "-", "_" and "*", not ${shown(text)}`)
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 90))
