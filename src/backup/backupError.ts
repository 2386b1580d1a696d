/** What can keep a backup or a restore from happening. Scripts switch on the code; the message is for people. */
export type BackupErrorCode =
  | 'NotABackup'
  | 'NotOpened'
  | 'Damaged'
  | 'Incomplete'
  | 'KeyServerUnknown'
  | 'NotBackedUp'
  | 'NotRestored'
  | 'InTheWay'

/** The one error of this room. Its message never holds a byte of a key or of a passphrase. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
  readonly code: BackupErrorCode

  constructor(code: BackupErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
