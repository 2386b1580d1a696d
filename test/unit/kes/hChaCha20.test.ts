import { expect, it } from 'vitest'
import { hChaCha20 } from '../../../src/kes/hChaCha20.ts'

it('answers what draft-irtf-cfrg-xchacha §2.2.1 answers', () => {
  const key = Buffer.from([...Array(32).keys()])
  const input = Buffer.from('000000090000004a0000000031415927', 'hex')
  expect(hChaCha20(key, input).toString('hex')).toBe('82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc')
})
