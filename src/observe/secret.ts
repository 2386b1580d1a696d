import { inspect } from 'node:util'

const redacted = '[redacted]'

/**
 * A value that must never be printed by accident: string conversion, JSON and `inspect` all say `[redacted]`. The only
 * way to the value is `reveal`, and so whoever reads it can be found by that word.
 */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return redacted
  }

  toJSON(): string {
    return redacted
  }

  [inspect.custom](): string {
    return redacted
  }
}
