import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyIdOf, readCiphertext, unseal, type SealAlgorithm } from '../../../src/kes/ciphertext.ts'
import { hChaCha20 } from '../../../src/kes/hChaCha20.ts'

const key = Buffer.alloc(32, 7)
const [iv, nonce] = [Buffer.alloc(16, 1), Buffer.alloc(12, 2)]
const context = Buffer.from('bucket/object')

function sealedWith(algorithm: SealAlgorithm, text: string): Buffer {
  const cipher =
    algorithm === 'AES256-GCM_SHA256'
      ? createCipheriv('aes-256-gcm', createHmac('sha256', key).update(iv).digest(), nonce)
      : createCipheriv('chacha20-poly1305', hChaCha20(key, iv), nonce, { authTagLength: 16 })
  cipher.setAAD(context, { plaintextLength: text.length })
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
}

const texts = { 'AES256-GCM_SHA256': 0xb1, 'XCHACHA20-POLY1305': 0xb2 } as const

/** As KES packs it: a flat array of two texts and three byte strings. */
function packed(algorithm: SealAlgorithm, id = keyIdOf(key)): Buffer {
  const sealed = sealedWith(algorithm, 'a data key')
  return Buffer.concat([
    Buffer.from([0x95, texts[algorithm]]),
    Buffer.from(algorithm),
    ...(id === '' ? [Buffer.from([0xa0])] : [Buffer.from([0xd9, id.length]), Buffer.from(id)]),
    ...[iv, nonce, sealed].flatMap((part) => [Buffer.from([0xc4, part.length]), part]),
  ])
}

const codeOf = (act: () => unknown): unknown => {
  try {
    return act() && 'opened'
  } catch (error) {
    return (error as { readonly code?: unknown }).code
  }
}

describe('what KES sealed', () => {
  it.each(['AES256-GCM_SHA256', 'XCHACHA20-POLY1305'] as const)(
    '%s is opened by its key and in its context only',
    (algorithm) => {
      const bytes = packed(algorithm)
      expect(unseal({ bytes: key, algorithm }, bytes, context).toString()).toBe('a data key')
      expect(unseal({ bytes: key, algorithm: undefined }, bytes, context).toString()).toBe('a data key')
      expect(codeOf(() => unseal({ bytes: key, algorithm }, bytes))).toBe('NotAuthentic')
      expect(codeOf(() => unseal({ bytes: Buffer.alloc(32, 8), algorithm }, bytes, context))).toBe('NotAuthentic')
      expect(codeOf(() => unseal({ bytes: key, algorithm }, packed(algorithm, '0'.repeat(32)), context))).toBe(
        'NotAuthentic',
      )
      expect(unseal({ bytes: key, algorithm }, packed(algorithm, ''), context).toString()).toBe('a data key')
    },
  )

  it('is not opened by a key for the other algorithm', () => {
    const bytes = packed('XCHACHA20-POLY1305')
    expect(codeOf(() => unseal({ bytes: key, algorithm: 'AES256-GCM_SHA256' }, bytes, context))).toBe('NotAuthentic')
  })

  it('is read in its old spelling too, JSON', () => {
    const b64 = (part: Buffer): string => part.toString('base64')
    const old = {
      aead: 'AES-256-GCM-HMAC-SHA-256',
      iv: b64(iv),
      nonce: b64(nonce),
      bytes: b64(sealedWith('AES256-GCM_SHA256', 'old')),
    }
    expect(unseal({ bytes: key, algorithm: undefined }, Buffer.from(JSON.stringify(old)), context).toString()).toBe(
      'old',
    )
    expect(codeOf(() => readCiphertext(Buffer.from('{"aead":"__proto__"}')))).toBe('DataUnreadable')
  })

  it('is refused wherever it is cut off, and with anything behind it', () => {
    const bytes = packed('AES256-GCM_SHA256')
    for (let length = 0; length < bytes.length; length++)
      expect(codeOf(() => readCiphertext(bytes.subarray(0, length)))).toBe('DataUnreadable')
    expect(codeOf(() => readCiphertext(Buffer.concat([bytes, Buffer.alloc(1)])))).toBe('DataUnreadable')
  })
})
