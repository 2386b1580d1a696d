import { describe, expect, it } from 'vitest'
import { pemBlocks, toPem } from '../../../src/pki/pem.ts'

const invalid = expect.objectContaining({ code: 'PemInvalid' }) as Error
const block = toPem('CERTIFICATE', Buffer.from('a'.repeat(100)))

describe('splitting PEM', () => {
  it('finds each block and skips what stands between', () => {
    expect(pemBlocks(`# one\n${block}\nsubject=x\r\n${block.replaceAll('\n', '\r\n')}`)).toEqual([
      { label: 'CERTIFICATE', text: block },
      { label: 'CERTIFICATE', text: block },
    ])
    expect(pemBlocks('')).toEqual([])
  })

  it.each([
    ['a block without an end', block.replace(/-----END.*/, '')],
    ['an end without a block', '-----END CERTIFICATE-----'],
    ['another end', block.replace('END CERTIFICATE', 'END PRIVATE KEY')],
    ['a block in a block', `-----BEGIN CERTIFICATE-----\n${block}`],
  ])('refuses %s', (_what, text) => {
    expect(() => pemBlocks(text)).toThrow(invalid)
  })

  it('reads a megabyte of hostile beginnings in no time', () => {
    const startedMs = performance.now()
    expect(() => pemBlocks('-----BEGIN A-----\n'.repeat(60_000))).toThrow(invalid)
    expect(() => pemBlocks('-----BEGIN A'.repeat(90_000))).not.toThrow()
    expect(performance.now() - startedMs).toBeLessThan(500)
  })
})
