/** Why a script did not do what it was asked. `Usage` ends it with 2, everything else with 1. */
export type ScriptErrorCode = 'Usage' | 'InputUnusable' | 'WouldOverwrite' | 'OutputFailed'

/** The one error of the scripts. Its message is for people and never holds a byte of a key. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'
  readonly code: ScriptErrorCode

  constructor(code: ScriptErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

export const wrongUsage = (message: string): ScriptError => new ScriptError('Usage', message)
export const unusable = (message: string, cause?: unknown): ScriptError =>
  new ScriptError('InputUnusable', message, { cause })
