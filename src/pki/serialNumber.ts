import { randomBytes } from 'node:crypto'

/** Answers `size` random bytes. Handed in, so that tests can choose them. */
export type RandomSource = (size: number) => Buffer

export const systemRandom: RandomSource = (size) => randomBytes(size)

/**
 * A serial number of 159 random bits as the content of a DER INTEGER: positive (Go ≥ 1.23 refuses negative ones),
 * non-zero, at most 20 octets (RFC 5280 §4.1.2.2), no needless leading zero.
 */
export function newSerialNumber(random: RandomSource): Buffer {
  const bytes = Buffer.from(random(20))
  bytes.writeUInt8(bytes.readUInt8(0) & 0x7f, 0)
  const first = bytes.findIndex((byte) => byte !== 0)
  if (first === -1) return newSerialNumber(random)
  // A leading zero octet is needed exactly when the next one would read as a sign.
  return bytes.subarray(first > 0 && bytes.readUInt8(first) >= 0x80 ? first - 1 : first)
}
