import { describe, expect, it } from 'vitest'
import { kesVariables, kmsFamily } from '../../../src/minio/environment.ts'
import { readKmsVariables } from '../../../src/minio/variable.ts'

describe('families of KMS variables', () => {
  it.each(Object.values(kesVariables))('%s is of KES', (name) => {
    expect(kmsFamily(name)).toBe('kes')
  })

  it.each([
    ['MINIO_KMS_KES_API_KEY', 'kes'],
    ['MINIO_KMS_SECRET_KEY', 'static'],
    ['MINIO_KMS_SECRET_KEY_FILE', 'static'],
    ['MINIO_KMS_SERVER', 'minkms'],
    ['MINIO_KMS_ENCLAVE', 'minkms'],
    ['MINIO_KMS_SSE_KEY', 'minkms'],
    ['MINIO_KMS_API_KEY', 'minkms'],
    ['MINIO_KMS_AUTO_ENCRYPTION', undefined],
    ['MINIO_KMS_REPLICATE_KEYID', undefined],
    ['MINIO_REGION', undefined],
    ['minio_kms_server', undefined],
  ])('%s is of %s', (name, family) => {
    expect(kmsFamily(name)).toBe(family)
  })
})

describe('reading an env list', () => {
  it('keeps the last entry of each of the five and the first foreign one', () => {
    const { kes, foreign } = readKmsVariables([
      { name: 'MINIO_KMS_KES_ENDPOINT', value: 'a' },
      { name: 'MINIO_KMS_SERVER', value: 'b' },
      { name: 'MINIO_KMS_SECRET_KEY', value: 'c' },
      { name: 'MINIO_KMS_KES_ENDPOINT', value: 'd' },
    ])
    expect(kes.get('endpoint')).toEqual({ index: 3, name: 'MINIO_KMS_KES_ENDPOINT', literal: 'd' })
    expect(foreign).toMatchObject({ index: 1, name: 'MINIO_KMS_SERVER' })
  })

  it.each([
    [{ name: 'MINIO_KMS_KES_ENDPOINT' }, ''],
    [{ name: 'MINIO_KMS_KES_ENDPOINT', value: null }, ''],
    [{ name: 'MINIO_KMS_KES_ENDPOINT', value: 1 }, undefined],
    [{ name: 'MINIO_KMS_KES_ENDPOINT', value: 'x', valueFrom: {} }, undefined],
    [{ name: 'MINIO_KMS_KES_ENDPOINT', value: 'x', valueFrom: null }, 'x'],
  ])('reads %j as the literal %j', (entry, literal) => {
    expect(readKmsVariables([entry]).kes.get('endpoint')?.literal).toBe(literal)
  })

  it('passes over what is no entry', () => {
    expect(readKmsVariables([null, 1, 'MINIO_KMS_SERVER', [], { name: 1 }, {}])).toEqual({
      kes: new Map(),
      foreign: undefined,
    })
  })
})
