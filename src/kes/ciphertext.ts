import { createDecipheriv, createHash, createHmac } from 'node:crypto'
import { hChaCha20 } from './hChaCha20.ts'
import { KesError } from './kesError.ts'

/** The two ways in which KES seals; the second where the processor has no AES instructions. */
export type SealAlgorithm = 'AES256-GCM_SHA256' | 'XCHACHA20-POLY1305'

/** A key of KES. Without an algorithm it opens both. */
export interface SealingKey {
  readonly bytes: Buffer
  readonly algorithm: SealAlgorithm | undefined
}

/** What KES wrote, taken apart (KES `internal/key/ciphertext.go`, v0.22.3). */
export interface Ciphertext {
  readonly algorithm: SealAlgorithm
  /** Of the key that sealed it; old ones have none. */
  readonly keyId: string
  readonly iv: Buffer
  readonly nonce: Buffer
  /** The authentication tag is its end. */
  readonly sealed: Buffer
}

const sizes = { key: 32, iv: 16, nonce: 12, tag: 16 } as const

/** Hex of the first half of a SHA-256: how KES names a key in what it seals. */
export const keyIdOf = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 32)

/**
 * Opens what KES sealed: a data key, a file of its data directory. `context` is what was bound to it.
 *
 * A key is never used itself. AES-256-GCM takes HMAC-SHA-256(key, iv), ChaCha20-Poly1305 takes HChaCha20(key, iv), and
 * the nonce stands beside the iv. Throws `NotAuthentic` for another key, another context or a changed byte, and
 * `DataUnreadable` for what is no ciphertext.
 */
export function unseal(key: SealingKey, bytes: Buffer, context: Buffer = Buffer.alloc(0)): Buffer {
  const { algorithm, keyId, iv, nonce, sealed } = readCiphertext(bytes)
  if (key.bytes.length !== sizes.key) throw new KesError('DataUnreadable', 'a key has not 32 bytes')
  if (keyId !== '' && keyId !== keyIdOf(key.bytes)) throw notAuthentic()
  if (key.algorithm !== undefined && key.algorithm !== algorithm) throw notAuthentic()
  const [cipher, once] =
    algorithm === 'AES256-GCM_SHA256'
      ? (['aes-256-gcm', createHmac('sha256', key.bytes).update(iv).digest()] as const)
      : (['chacha20-poly1305', hChaCha20(key.bytes, iv)] as const)
  const text = sealed.subarray(0, -sizes.tag)
  try {
    const decipher = createDecipheriv(cipher as 'aes-256-gcm', once, nonce, { authTagLength: sizes.tag })
    decipher.setAAD(context)
    decipher.setAuthTag(sealed.subarray(-sizes.tag))
    return Buffer.concat([decipher.update(text), decipher.final()])
  } catch {
    // No cause: OpenSSL's words say nothing more.
    throw notAuthentic()
  }
}

/** Reads both spellings: the MessagePack array of today and the JSON of before 2022. */
export function readCiphertext(bytes: Buffer): Ciphertext {
  const read = bytes[0] === 0x7b ? readJson(bytes) : readPacked(bytes)
  if (read.iv.length !== sizes.iv || read.nonce.length !== sizes.nonce || read.sealed.length < sizes.tag)
    throw unreadable()
  return read
}

/** MessagePack: an array of five, two texts and three byte strings, and nothing after it. */
function readPacked(bytes: Buffer): Ciphertext {
  if (bytes[0] !== 0x95) throw unreadable()
  const parts: Buffer[] = []
  let at = 1
  while (parts.length < 5) {
    const [start, size] = lengthAt(bytes, at)
    at = start + size
    if (at > bytes.length) throw unreadable()
    parts.push(bytes.subarray(start, at))
  }
  const [algorithm, keyId, iv, nonce, sealed] = parts
  if (at !== bytes.length || !algorithm || !keyId || !iv || !nonce || !sealed) throw unreadable()
  return { algorithm: algorithmOf(algorithm.toString('latin1')), keyId: keyId.toString('latin1'), iv, nonce, sealed }
}

/** Where the bytes of a text or byte string begin, and how many they are (MessagePack specification, str and bin families). */
function lengthAt(bytes: Buffer, at: number): readonly [start: number, size: number] {
  const first = bytes[at] ?? 0
  if (first >= 0xa0 && first <= 0xbf) return [at + 1, first - 0xa0]
  const width = { 0xd9: 1, 0xda: 2, 0xdb: 4, 0xc4: 1, 0xc5: 2, 0xc6: 4 }[first]
  if (width === undefined || at + 1 + width > bytes.length) throw unreadable()
  return [at + 1 + width, bytes.readUIntBE(at + 1, width)]
}

function readJson(bytes: Buffer): Ciphertext {
  const fields = parsed(bytes)
  const binary = (name: string): Buffer => Buffer.from(typeof fields[name] === 'string' ? fields[name] : '', 'base64')
  return {
    algorithm: algorithmOf(fields['aead']),
    keyId: typeof fields['id'] === 'string' ? fields['id'] : '',
    iv: binary('iv'),
    nonce: binary('nonce'),
    sealed: binary('bytes'),
  }
}

function parsed(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  } catch {
    // Said below: the parser would quote the text.
  }
  throw unreadable()
}

const algorithms: Readonly<Record<string, SealAlgorithm>> = {
  'AES256-GCM_SHA256': 'AES256-GCM_SHA256',
  'XCHACHA20-POLY1305': 'XCHACHA20-POLY1305',
  'AES-256-GCM-HMAC-SHA-256': 'AES256-GCM_SHA256',
  ChaCha20Poly1305: 'XCHACHA20-POLY1305',
}

function algorithmOf(name: unknown): SealAlgorithm {
  const algorithm = typeof name === 'string' && Object.hasOwn(algorithms, name) ? algorithms[name] : undefined
  if (algorithm === undefined) throw unreadable()
  return algorithm
}

const notAuthentic = (): KesError =>
  new KesError('NotAuthentic', 'it was sealed with another key, for another name, or was changed')
const unreadable = (): KesError => new KesError('DataUnreadable', 'it is no ciphertext of KES')
