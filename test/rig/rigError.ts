/** What can go wrong in the rig. */
export type RigErrorCode =
  | 'CommandFailed'
  | 'ArchiveInvalid'
  | 'ProgramUnknown'
  | 'NotPossibleHere'
  | 'AlreadyRunning'
  | 'StartFailed'
  | 'TimedOut'
  | 'ApiRefused'

/** The rig's one error. Its message says what was tried and where the log lies. */
export class RigError extends Error {
  override readonly name = 'RigError'
  readonly code: RigErrorCode

  constructor(code: RigErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
