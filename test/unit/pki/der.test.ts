import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { children, readElement } from '../../../src/pki/der.ts'
import { PkiError } from '../../../src/pki/pkiError.ts'

describe('reading DER', () => {
  it('finds the elements of a sequence', () => {
    const element = readElement(Buffer.from('3007020105040161ff', 'hex'))
    expect(element.tag).toBe(0x30)
    expect(children(readElement(Buffer.from('3006020105040161', 'hex'))).map(({ raw }) => raw.toString('hex'))).toEqual(
      ['020105', '040161'],
    )
  })

  it.each(['', '30', '3001', '3080', '30850000000001', '3082ff', '30820100'])('refuses the bytes %j', (hex) => {
    expect(() => readElement(Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'CertificateUnreadable' }),
    )
  })

  it('answers or throws its own error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          children(readElement(Buffer.from(bytes)))
        } catch (error) {
          if (!(error instanceof PkiError)) throw error
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
