/**
 * A value that is there now, or a promise of it. Nearly every review is answered from memory, and a chain of promises
 * costs as much as deciding does.
 */
export type Soon<T> = T | Promise<T>

/** What comes of a value: now where it is there now. */
export const after = <T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> =>
  value instanceof Promise ? value.then(next) : next(value)

/** Runs; what it throws, or its promise rejects with, is handed to `failed`, which makes the best of it or throws. */
export function guarded<T>(run: () => Soon<T>, failed: (error: unknown) => T): Soon<T> {
  try {
    const value = run()
    return value instanceof Promise ? value.catch(failed) : value
  } catch (error) {
    return failed(error)
  }
}
