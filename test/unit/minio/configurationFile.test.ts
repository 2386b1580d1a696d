import { describe, expect, it } from 'vitest'
import { readConfigurationFile } from '../../../src/minio/configurationFile.ts'

const names = (text: string): readonly string[] => readConfigurationFile(text, new Map()).map(({ name }) => name)

describe('the configuration file of MinIO', () => {
  it.each([
    ['a plain line', 'MINIO_KMS_SECRET_KEY=x'],
    ['an exported line', 'export MINIO_KMS_SECRET_KEY=x'],
    ['blanks around', '  export \t MINIO_KMS_SECRET_KEY="x"  '],
    ['export without a blank', 'exportMINIO_KMS_SECRET_KEY=x'],
    ['an empty value', 'MINIO_KMS_SECRET_KEY='],
    ['a line inside what looks like a long value', 'export A="b\nMINIO_KMS_SECRET_KEY=x"'],
    ['Windows line ends', 'export MINIO_KMS_SECRET_KEY=x\r\n'],
  ])('sets a variable by %s', (_, text) => expect(names(text)).toContain('MINIO_KMS_SECRET_KEY'))

  it.each([
    ['a comment', '# MINIO_KMS_SECRET_KEY=x'],
    ['a name without a value', 'export MINIO_KMS_SECRET_KEY'],
    ['a blank before the equals sign, which makes another name', 'MINIO_KMS_SECRET_KEY = x'],
    ['nothing', ''],
  ])('sets none by %s', (_, text) => expect(names(text)).toEqual([]))

  it('is compared with what is known, whatever the quotes', () => {
    const known = new Map([['A', 'right']])
    const same = (line: string) => readConfigurationFile(line, known)[0]?.same
    expect([same('A=right'), same('export A="right"'), same("A='right'"), same('A=wrong'), same('B=right')]).toEqual([
      true,
      true,
      true,
      false,
      undefined,
    ])
  })

  it('lets the last line of a name win', () => {
    expect(readConfigurationFile('A=wrong\nexport A=right', new Map([['A', 'right']]))).toEqual([
      { name: 'A', exported: true, same: true },
    ])
  })

  it('gives no value away', () => {
    expect(JSON.stringify(readConfigurationFile('export MINIO_ROOT_PASSWORD=canary', new Map()))).not.toContain(
      'canary',
    )
  })
})
