import { isApiError } from '../kube/apiError.ts'

/** What a person sees of something in the cluster, with the rights that they have. */
export type Seen<T> =
  | { readonly is: 'found'; readonly value: T }
  | { readonly is: 'missing' }
  /** The API server does not know such objects: their kind is not installed. */
  | { readonly is: 'unknownKind' }
  /** They may not look. */
  | { readonly is: 'hidden' }

export const found = <T>(value: T): Seen<T> => ({ is: 'found', value })

/**
 * Looks, and takes "you may not" for an answer: whoever asks goes on without it and says so. Throws `ApiError` where nothing can be
 * seen at all: no connection, nobody logged in, a server that fails.
 */
export async function see<T>(read: Promise<T | undefined>): Promise<Seen<T>> {
  try {
    const value = await read
    return value === undefined ? { is: 'missing' } : found(value)
  } catch (error) {
    if (isApiError(error, 'Forbidden')) return { is: 'hidden' }
    if (isApiError(error, 'NotFound')) return { is: 'unknownKind' }
    throw error
  }
}

export const valueOf = <T>(seen: Seen<T>): T | undefined => (seen.is === 'found' ? seen.value : undefined)

/** The items of a list that was looked at; none where there was nothing to see. */
export const itemsOf = <T>(seen: Seen<readonly T[]>): readonly T[] => valueOf(seen) ?? []
