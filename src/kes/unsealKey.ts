import type { RandomSource } from '../pki/serialNumber.ts'

const sizeBytes = 32

/**
 * A new unseal key: base64 of 32 random bytes, as the variable KES_UNSEAL_KEY holds it.
 *
 * It seals the root key on the volume. Lost, every key is lost: it is made once, before the data directory, and never
 * again.
 */
export function newUnsealKey(random: RandomSource): string {
  return random(sizeBytes).toString('base64')
}

/** Whether a text is an unseal key: exactly 32 bytes in canonical base64. KES tolerates a newline at the end; so do we. */
export function isUnsealKey(text: string): boolean {
  const trimmed = text.replace(/\n$/, '')
  const bytes = Buffer.from(trimmed, 'base64')
  return bytes.length === sizeBytes && bytes.toString('base64') === trimmed
}
