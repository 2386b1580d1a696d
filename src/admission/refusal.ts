/** Why a request got no admission response. The API server treats each as "failed calling webhook". */
export type RefusalCode =
  'NotFound' | 'MethodNotAllowed' | 'UnsupportedMediaType' | 'TooLarge' | 'BadRequest' | 'NotReady' | 'Internal'

const statuses: Readonly<Record<RefusalCode, number>> = {
  NotFound: 404,
  MethodNotAllowed: 405,
  UnsupportedMediaType: 415,
  TooLarge: 413,
  BadRequest: 400,
  NotReady: 503,
  Internal: 500,
}

/** A request that is answered with an HTTP error. Its message is ours, never a text of the request's. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode

  constructor(code: RefusalCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }

  get status(): number {
    return statuses[this.code]
  }
}
