import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { keyOf, lockOf } from '../../../../src/cli/kubectlKes/passphrase.ts'

const folder = mkdtempSync(join(tmpdir(), 'passphrase-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const given = (flags: Readonly<Record<string, string>>, recipients: readonly string[] = []) => ({
  flag: (name: string) => flags[name],
  flags: () => recipients,
})

describe('who may open a new backup', () => {
  it('is whoever knows the first line of the file, without its end', async () => {
    const path = file('good', 'correct horse battery\r\nanother line')
    expect(await lockOf(given({ 'passphrase-file': path }))).toEqual({ passphrase: 'correct horse battery' })
  })

  it('is each recipient', async () => {
    expect(await lockOf(given({}, ['age1a', 'age1b']))).toEqual({ recipients: ['age1a', 'age1b'] })
  })

  it('is not left to a short passphrase, to both at once, or to nobody', async () => {
    await expect(lockOf(given({ 'passphrase-file': file('short', 'secret') }))).rejects.toThrow('12 characters')
    await expect(lockOf(given({ 'passphrase-file': file('empty', '\n') }))).rejects.toThrow('12 characters')
    await expect(lockOf(given({ 'passphrase-file': 'x' }, ['age1a']))).rejects.toThrow('not both')
    await expect(lockOf(given({ 'passphrase-file': join(folder, 'none') }))).rejects.toMatchObject({
      code: 'FileUnreadable',
    })
  })
})

describe('what opens a backup', () => {
  it('is a passphrase of any length, or the identities of a file', async () => {
    expect(await keyOf(given({ 'passphrase-file': file('old', 'old') }))).toEqual({ passphrase: 'old' })
    const identities = file('identities', '# a comment\nAGE-SECRET-KEY-1A\n')
    expect(await keyOf(given({ identity: identities }))).toEqual({ identities: ['AGE-SECRET-KEY-1A'] })
    await expect(keyOf(given({ identity: 'x', 'passphrase-file': 'y' }))).rejects.toThrow('not both')
  })
})
