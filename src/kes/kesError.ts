/** How a call to KES can fail. The controller switches on the code; the message is for people. */
export type KesErrorCode =
  | 'Unreachable'
  | 'TlsFailed'
  | 'Timeout'
  | 'NotAllowed'
  | 'KeyNotFound'
  | 'PolicyNotFound'
  | 'IdentityNotFound'
  | 'NotAuthentic'
  | 'BadRequest'
  | 'ServerError'
  | 'BadResponse'
  | 'ConfigInvalid'
  | 'DataUnreadable'

/** The one error of this room. Its message never holds a plaintext, a ciphertext or a key. */
export class KesError extends Error {
  override readonly name = 'KesError'
  readonly code: KesErrorCode

  constructor(code: KesErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
