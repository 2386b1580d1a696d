import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { newSerialNumber, systemRandom } from '../../../src/pki/serialNumber.ts'
import { newAuthority, newPair } from './world.ts'

const from = (...bytes: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from(bytes), Buffer.alloc(20 - bytes.length, 7)])

describe('a serial number', () => {
  it('is positive and unique in ten thousand draws', () => {
    const serials = Array.from({ length: 10_000 }, () => newSerialNumber(systemRandom))
    expect(serials.every((serial) => serial.readUInt8(0) < 0x80 && serial.length <= 20)).toBe(true)
    expect(new Set(serials.map((serial) => serial.toString('hex'))).size).toBe(10_000)
    const bits = serials.reduce(
      (most, serial) => Math.max(most, BigInt(`0x${serial.toString('hex')}`).toString(2).length),
      0,
    )
    expect(bits).toBe(159)
  })

  it.each([
    ['all ones', from(0xff, 0xff), '7fff07'],
    ['a leading zero that is needed', from(0x00, 0x80), '0080'],
    ['a leading zero that is not', from(0x00, 0x7f), '7f07'],
    ['many leading zeros', from(0x80, 0, 0, 0, 0xff), '00ff07'],
  ])('is minimal DER from %s', (_what, drawn, begins) => {
    expect(newSerialNumber(() => drawn).toString('hex')).toMatch(new RegExp(`^${begins}`))
  })

  it('is drawn again when it would be zero', () => {
    const draws = [Buffer.alloc(20), Buffer.from([0x80, ...Buffer.alloc(19)]), from(1)]
    expect(newSerialNumber(() => draws.shift() ?? Buffer.alloc(20)).readUInt8(0)).toBe(1)
  })

  it('stands in the certificate as it was drawn', () => {
    const random = (): Buffer => from(0xff)
    const leaf = new X509Certificate(newPair(newAuthority(), { random }).certificatePem)
    expect(leaf.serialNumber.toLowerCase()).toBe(newSerialNumber(random).toString('hex'))
  })
})
