import { oneLine } from './columns.ts'

/** What a command of the plugin answers: lines for people, the same as data for programs, and whether all is well. */
export interface Told {
  readonly text: readonly string[]
  readonly data: unknown
  /** False where something was found that needs a person: exit code 1. */
  readonly ok: boolean
}

/** Something that was seen, in a sentence. A problem keeps MinIO from encrypting, or will. */
export interface Finding {
  readonly level: 'problem' | 'warning' | 'note'
  readonly text: string
}

export const problem = (text: string): Finding => ({ level: 'problem', text })
export const warning = (text: string): Finding => ({ level: 'warning', text })
export const note = (text: string): Finding => ({ level: 'note', text })

/** Whether nothing in it needs a person. */
export const isWell = (findings: readonly Finding[]): boolean => findings.every(({ level }) => level !== 'problem')

const words: Readonly<Record<Finding['level'], string>> = { problem: 'PROBLEM', warning: 'warning', note: 'note' }

/** A line for each finding. */
export const findingLines = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ level, text }) => `${words[level].padEnd(7)}  ${oneLine(text)}`)
