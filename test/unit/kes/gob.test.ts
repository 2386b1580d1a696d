import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readGob } from '../../../src/kes/gob.ts'
import { KesError } from '../../../src/kes/kesError.ts'

const point = { x: 'number', y: 'number', name: 'bytes' } as const

/** `gob.NewEncoder(…).Encode(struct{ X, Y uint; Name []byte }{22, 33000, []byte("ab")})`, made with Go 1.26. */
const encoded = Buffer.from(
  '237f030101015001ff8000010301015801060001015901060001044e616d65010a0000000dff80011601fe80e80102616200',
  'hex',
)

describe('a struct as encoding/gob writes it', () => {
  it('is read, its type definition passed over, numbers of one byte and of several', () => {
    expect(readGob(encoded, point)).toEqual({ x: 22, y: 33000, name: Buffer.from('ab') })
  })

  it('has no value for a field that holds its zero value', () => {
    // One message: its length, the type 65, the second field.
    expect(readGob(Buffer.from([5, 0xff, 0x82, 2, 7, 0]), point)).toEqual({ y: 7 })
  })

  it('is refused as unreadable whatever it is changed to, and never anything else', () => {
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const changed = Buffer.concat([encoded.subarray(0, at), bytes, encoded.subarray(at + bytes.length)])
        try {
          readGob(changed, point)
        } catch (error) {
          expect(error).toBeInstanceOf(KesError)
        }
      }),
    )
    for (let length = 0; length < encoded.length; length++)
      expect(() => readGob(encoded.subarray(0, length), point)).toThrow(KesError)
  })
})
