import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { generatePrivateKey, parsePrivateKey, privateKeyPem } from '../../../src/pki/privateKey.ts'
import { newAuthority, newPair } from './world.ts'

const unreadable = expect.objectContaining({ code: 'KeyUnreadable' }) as Error
const { privateKey: legacy } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const sec1 = legacy.export({ type: 'sec1', format: 'pem' }).toString()

describe('a private key', () => {
  it('is P-256 and written as one PKCS#8 block that reads back', () => {
    const key = generatePrivateKey()
    expect(key.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    const pem = privateKeyPem(key)
    expect(pem.match(/-----BEGIN PRIVATE KEY-----/g)).toHaveLength(1)
    expect(parsePrivateKey(pem).equals(key)).toBe(true)
  })

  it('is read from the older EC form too', () => {
    expect(parsePrivateKey(sec1).equals(legacy)).toBe(true)
  })

  it.each([
    ['nothing', ''],
    ['no PEM', 'text'],
    [
      'parameters before the key, which MinIO refuses',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${sec1}`,
    ],
    ['two keys', privateKeyPem(legacy) + privateKeyPem(generatePrivateKey())],
    ['a certificate', newPair(newAuthority()).certificatePem],
    ['a certificate behind it', privateKeyPem(legacy) + newAuthority().certificatePem],
    ['a block that holds no key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    [
      'a key under a password',
      legacy.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
    ],
  ])('is not read from %s', (_what, pem) => {
    expect(() => parsePrivateKey(pem)).toThrow(unreadable)
  })

  it('does not show itself in the error of a damaged file', () => {
    const body = privateKeyPem(generatePrivateKey()).split('\n')[1] ?? ''
    const damaged = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`
    try {
      parsePrivateKey(damaged)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(Error)
      const { message, stack, cause } = error as Error
      expect(`${message}${stack ?? ''}${JSON.stringify(cause)}`).not.toContain(body.slice(8, 40))
    }
  })
})
