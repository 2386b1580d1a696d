import { describe, expect, it } from 'vitest'
import { found, foundPair, missing, pairPemOf, readOr, secretText } from '../../../src/controller/found.ts'
import { secretObject } from '../../../src/controller/secretWriter.ts'
import { PkiError } from '../../../src/pki/pkiError.ts'
import { newAuthority, storedLeaf } from './pairs.ts'

const { pem } = storedLeaf(newAuthority())
const other = storedLeaf(newAuthority()).pem
const holding = (data: Record<string, string>) => secretObject({ namespace: 'n', name: 's', data })

describe('what a Secret holds', () => {
  it('is read as text, and is undefined where it is not there', () => {
    expect(secretText(holding({ a: 'ä\n' }), 'a')).toBe('ä\n')
    expect(secretText(holding({ a: '' }), 'a')).toBe('')
    expect(secretText(holding({}), 'a')).toBeUndefined()
    expect(secretText({ metadata: { name: 's' } }, 'a')).toBeUndefined()
  })

  it('is a pair only with both halves', () => {
    expect(pairPemOf(holding({ 'tls.crt': 'c', 'tls.key': 'k' }))).toEqual({ certificatePem: 'c', keyPem: 'k' })
    expect(pairPemOf(holding({ 'tls.crt': 'c' }))).toBeUndefined()
    expect(pairPemOf(holding({ 'tls.key': 'k' }))).toBeUndefined()
  })
})

describe('a pair', () => {
  it('is missing only where there is no Secret', () => {
    expect(foundPair(undefined)).toEqual(missing)
  })

  it.each([
    ['a half', { 'tls.crt': pem.certificatePem }],
    ['nothing', {}],
    ["another one's key", { 'tls.crt': pem.certificatePem, 'tls.key': other.keyPem }],
    ['a certificate cut short', { 'tls.crt': pem.certificatePem.slice(0, 300), 'tls.key': pem.keyPem }],
    ['an empty key', { 'tls.crt': pem.certificatePem, 'tls.key': '' }],
  ])('of %s is broken, and what is said of it holds no byte of a key', (_what, data) => {
    const answer = foundPair(holding(data))
    expect(answer.is).toBe('broken')
    const [, secretLine = ''] = pem.keyPem.split('\n')
    expect(JSON.stringify(answer)).not.toContain(secretLine.slice(0, 20))
  })

  it('is found with its facts and the very text it was read from', () => {
    const answer = foundPair(holding({ 'tls.crt': pem.certificatePem, 'tls.key': pem.keyPem }))
    expect(answer).toMatchObject({ is: 'found', value: { pem, usages: ['client'] } })
  })
})

describe('reading', () => {
  it('answers what was read', () => {
    expect(readOr(() => 5)).toEqual(found(5))
  })

  it('takes the errors of reading for broken material, and no others', () => {
    const failing = (error: Error) => () =>
      readOr(() => {
        throw error
      })
    expect(failing(new PkiError('KeyMismatch', 'they differ'))()).toEqual({ is: 'broken', why: 'they differ' })
    expect(failing(new TypeError('a bug'))).toThrow(TypeError)
  })
})
