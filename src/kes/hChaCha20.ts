import { createCipheriv } from 'node:crypto'

/** The first words of every ChaCha20 state, "expand 32-byte k" (RFC 8439 §2.3). */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const

/**
 * HChaCha20 (draft-irtf-cfrg-xchacha §2.2): 32 bytes from a key of 32 and an input of 16.
 *
 * OpenSSL has only ChaCha20. Its block is the same rounds with the first state added at the end, and the words that
 * HChaCha20 answers are those whose first state is known, so subtracting it gives them back.
 */
export function hChaCha20(key: Buffer, input: Buffer): Buffer {
  const block = createCipheriv('chacha20', key, input).update(Buffer.alloc(64))
  const output = Buffer.alloc(32)
  for (let word = 0; word < 4; word++) {
    const [first = 0, last] = [constants[word], input.readUInt32LE(4 * word)]
    output.writeUInt32LE((block.readUInt32LE(4 * word) - first) >>> 0, 4 * word)
    output.writeUInt32LE((block.readUInt32LE(48 + 4 * word) - last) >>> 0, 16 + 4 * word)
  }
  return output
}
