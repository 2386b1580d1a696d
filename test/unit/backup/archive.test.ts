import { describe, expect, it } from 'vitest'
import { packBackup, unpackBackup } from '../../../src/backup/archive.ts'
import { readTar, writeTar, type TarEntry } from '../../../src/backup/tar.ts'
import { someBackup } from './backups.ts'

const packed = packBackup(someBackup())

/** The archive with some entries changed: undefined takes one away. */
const altered = (change: (entry: TarEntry) => TarEntry | undefined, ...more: readonly TarEntry[]): Buffer =>
  writeTar([...readTar(packed).flatMap((entry) => change(entry) ?? []), ...more])

const manifestWith = (changes: object): Buffer =>
  altered((entry) =>
    entry.path === 'manifest.json' && entry.content !== 'folder'
      ? {
          ...entry,
          content: Buffer.from(JSON.stringify({ ...(JSON.parse(entry.content.toString()) as object), ...changes })),
        }
      : entry,
  )

describe('the archive of a backup', () => {
  it('gives back what was put into it, empty folders included', () => {
    expect(unpackBackup(packed).backup).toEqual(someBackup())
  })

  it('begins with a manifest that names format, key server and every file, and holds no bytes of a Secret', () => {
    const [first] = readTar(packed)
    expect(first?.path).toBe('manifest.json')
    const text = first?.content.toString() ?? ''
    expect(JSON.parse(text)).toMatchObject({
      format: 'kes-injector backup',
      formatVersion: 1,
      keyServer: { name: 'default', uid: 'u' },
      files: expect.arrayContaining([expect.objectContaining({ path: 'data/.unseal', bytes: 2 })]) as unknown,
    })
    expect(text).not.toContain(Buffer.from('no key').toString('base64'))
  })

  it('is damaged where any file is missing, changed, or one too many', () => {
    for (const { path } of readTar(packed).slice(1)) {
      expect(() => unpackBackup(altered((entry) => (entry.path === path ? undefined : entry)))).toThrow(path)
      const other = (entry: TarEntry): TarEntry =>
        entry.path === path
          ? { ...entry, content: entry.content === 'folder' ? Buffer.alloc(1) : Buffer.from('other') }
          : entry
      expect(() => unpackBackup(altered(other))).toThrow(path)
    }
    const more = { path: 'data/enclave/default/key/slipped-in', content: Buffer.from('x') }
    expect(() => unpackBackup(altered((entry) => entry, more))).toThrow('not listed')
  })

  it('is no backup where the manifest is missing, another, or of a later format', () => {
    const code = { code: 'NotABackup' }
    expect(() => unpackBackup(writeTar([]))).toThrow(expect.objectContaining(code) as Error)
    expect(() => unpackBackup(manifestWith({ format: 'another' }))).toThrow(expect.objectContaining(code) as Error)
    expect(() => unpackBackup(manifestWith({ formatVersion: 2 }))).toThrow('use a later kes-injector')
    for (const lacking of [{ id: 7 }, { server: {} }, { claim: null }, { files: {} }, { folders: [1] }])
      expect(() => unpackBackup(manifestWith(lacking))).toThrow('lacks something')
  })
})
