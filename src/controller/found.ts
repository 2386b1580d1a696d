import { readPair, type Pair, type PairPem } from '../pki/pair.ts'
import { PkiError } from '../pki/pkiError.ts'
import type { Secret } from '../kube/resources.ts'

/**
 * What was found where key material should lie. `missing` is only said when the API server itself said that the object does not
 * exist; `broken` material is never replaced by new material without a rule that says so.
 */
export type Found<T> =
  | { readonly is: 'missing' }
  | { readonly is: 'broken'; readonly why: string }
  | { readonly is: 'found'; readonly value: T }

export const missing = { is: 'missing' } as const
export const broken = (why: string) => ({ is: 'broken', why }) as const
export const found = <T>(value: T) => ({ is: 'found', value }) as const

/** The decoded text of one key of a Secret; undefined where it is not there. */
export function secretText(secret: Secret, key: string): string | undefined {
  const value = secret.data?.[key]
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
}

/** `tls.crt` and `tls.key` of a Secret as text. */
export function pairPemOf(secret: Secret): PairPem | undefined {
  const certificatePem = secretText(secret, 'tls.crt')
  const keyPem = secretText(secret, 'tls.key')
  return certificatePem === undefined || keyPem === undefined ? undefined : { certificatePem, keyPem }
}

/** A leaf pair with the texts it was read from. */
export interface StoredPair extends Pair {
  readonly pem: PairPem
}

export function foundPair(secret: Secret | undefined): Found<StoredPair> {
  if (!secret) return missing
  const pem = pairPemOf(secret)
  if (!pem) return broken('tls.crt or tls.key is not there')
  return readOr(() => ({ ...readPair(pem), pem }))
}

/** Turns the expected error of a reader into `broken`. */
export function readOr<T>(read: () => T): Found<T> {
  try {
    return found(read())
  } catch (error) {
    if (error instanceof PkiError) return broken(error.message)
    throw error
  }
}
