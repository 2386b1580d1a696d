/** What can be wrong with keys and certificates. Other rooms switch on the code; the message is for people. */
export type PkiErrorCode =
  | 'PemInvalid'
  | 'KeyUnreadable'
  | 'CertificateUnreadable'
  | 'KeyMismatch'
  | 'NotAnAuthority'
  | 'AuthorityExpiring'
  | 'ChainRefused'
  | 'NameInvalid'
  | 'LifetimeInvalid'

/** The one error of this room. Its message never holds a byte of a key. */
export class PkiError extends Error {
  override readonly name = 'PkiError'
  readonly code: PkiErrorCode

  constructor(code: PkiErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
