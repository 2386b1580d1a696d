/** Why a request got no admission response. The API server treats each as "failed calling webhook". */
export type RefusalCode =
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'TooSlow'
  | 'TooLarge'
  | 'HeadersTooLarge'
  | 'UnsupportedMediaType'
  | 'BadRequest'
  | 'NotReady'
  | 'Internal'

const statuses: Readonly<Record<RefusalCode, number>> = {
  NotFound: 404,
  MethodNotAllowed: 405,
  TooSlow: 408,
  TooLarge: 413,
  HeadersTooLarge: 431,
  UnsupportedMediaType: 415,
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

/** What is no refusal is a defect of ours, which stays its cause. */
export const asRefusal = (error: unknown): Refusal =>
  error instanceof Refusal ? error : new Refusal('Internal', 'the review could not be answered', { cause: error })
