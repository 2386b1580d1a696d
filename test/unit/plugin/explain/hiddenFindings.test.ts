import { describe, expect, it } from 'vitest'
import { hiddenFindings } from '../../../../src/plugin/explain/hiddenFindings.ts'
import type { HiddenSource } from '../../../../src/plugin/explain/hiddenSources.ts'
import { found } from '../../../../src/plugin/seen.ts'

const ours = new Map([['MINIO_KMS_KES_KEY_NAME', 'team-a_minio']])
const source = (how: HiddenSource['how'], optional = false): HiddenSource => ({
  kind: 'Secret',
  name: 's',
  optional,
  how,
})
const file = source({ is: 'file', key: 'config.env', of: 'container' })
const tenantFile = source({ is: 'file', key: 'config.env', of: 'Tenant' })
const from = source({ is: 'envFrom', prefix: 'MINIO_' })
const value = source({ is: 'value', key: 'k', variable: 'MINIO_KMS_SECRET_KEY' })
const levels = (each: HiddenSource, texts: Readonly<Record<string, string>>, given = ours): readonly string[] =>
  hiddenFindings(each, found(texts), given).map(({ level }) => level)

describe('a hidden variable', () => {
  it.each([
    ['of another KMS', 'MINIO_KMS_SECRET_KEY=x', ['problem']],
    ['that wins with another value', 'MINIO_KMS_KES_KEY_NAME=x', ['problem']],
    ['that says the same', 'MINIO_KMS_KES_KEY_NAME=team-a_minio', ['note']],
    ['that nobody knows', 'MINIO_KMS_NEW=x', ['warning']],
    ['that is none of a KMS', 'MINIO_ROOT_USER=x', []],
  ])('%s in the configuration file is told for what it does', (_, text, expected) => {
    expect(levels(file, { 'config.env': text })).toEqual(expected)
  })

  it('of envFrom does not beat the container’s own, but another KMS stops MinIO from there as well', () => {
    expect(levels(from, { KMS_KES_KEY_NAME: 'x', KMS_SECRET_KEY: 'x' })).toEqual(['note', 'problem'])
  })

  it('of a Tenant is only doubtful without export, because operators since v6 pass over it', () => {
    expect(levels(tenantFile, { 'config.env': 'MINIO_KMS_SECRET_KEY=x' })).toEqual(['warning'])
    expect(levels(tenantFile, { 'config.env': 'export MINIO_KMS_SECRET_KEY=x' })).toEqual(['problem'])
  })

  it('is no problem where MinIO is not connected: it is a choice', () => {
    expect(levels(file, { 'config.env': 'MINIO_KMS_SECRET_KEY=x' }, new Map())).toEqual(['note'])
  })

  it('never gives its value away', () => {
    const texts = { 'config.env': 'MINIO_KMS_SECRET_KEY=canary\nMINIO_KMS_KES_KEY_NAME=canary', k: 'canary' }
    expect(JSON.stringify([file, from, value].map((each) => hiddenFindings(each, found(texts), ours)))).not.toContain(
      'canary',
    )
  })
})

describe('a hidden source', () => {
  it('that may not be read is said, with its name, and is no problem', () => {
    expect(hiddenFindings(file, { is: 'hidden' }, ours)).toMatchObject([
      { level: 'warning', text: expect.stringContaining('Secret s, config.env: you may not read it') as string },
    ])
  })

  it('that is missing is a problem, unless the pod starts without it', () => {
    expect(hiddenFindings(file, { is: 'missing' }, ours)).toMatchObject([{ level: 'problem' }])
    expect(hiddenFindings(source(file.how, true), { is: 'missing' }, ours)).toEqual([])
  })

  it('without the key that is taken from it is a problem', () => {
    expect([levels(file, {}), levels(value, {}), levels(value, { k: 'x' })]).toEqual([
      ['problem'],
      ['problem'],
      ['note'],
    ])
  })
})
