import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BackupError } from '../../../src/backup/backupError.ts'
import { readTar, writeTar, type TarEntry } from '../../../src/backup/tar.ts'

const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,80}$/).filter((each) => !/^\.+$/.test(each))
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const content = fc.oneof(
  fc.constant('folder' as const),
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
)
const entries: fc.Arbitrary<readonly TarEntry[]> = fc.uniqueArray(fc.record({ path, content }), {
  selector: (entry) => entry.path,
  maxLength: 8,
})

describe('an archive', () => {
  it('holds what was put into it, names of a hundred bytes and more included', () => {
    fc.assert(
      fc.property(entries, (some) => {
        expect(readTar(writeTar(some))).toEqual(some)
      }),
    )
  })

  it('is one that tar reads', () => {
    const key = `data/enclave/default/key/${'k'.repeat(80)}`
    const archive = writeTar([
      { path: 'manifest.json', content: Buffer.from('{}') },
      { path: 'data/enclave/default/secret', content: 'folder' },
      { path: key, content: Buffer.alloc(700, 1) },
    ])
    const listed = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' }).trim().split('\n')
    expect(listed).toEqual(['manifest.json', 'data/enclave/default/secret/', key])
  })

  it('is refused where it was cut off or a header was changed, and no reader meets another error', () => {
    const archive = writeTar([
      { path: 'folder', content: 'folder' },
      { path: 'folder/file', content: Buffer.from('content') },
    ])
    for (let length = 0; length < archive.length - 512; length += 64)
      expect(() => readTar(archive.subarray(0, length))).toThrow(BackupError)
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(archive)
        changed[at] = (changed[at] ?? 0) ^ flip
        try {
          readTar(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(BackupError)
        }
      }),
    )
  })

  it.each(['../up', '/root', 'a//b', 'a/./b', '..'])('that names %s is refused', (hostile) => {
    expect(() => readTar(writeTar([{ path: hostile, content: Buffer.alloc(0) }]))).toThrow(BackupError)
  })

  it('with a link, or with a path twice, is refused', () => {
    const link = execFileSync('sh', [
      '-c',
      'cd "$(mktemp -d)" && ln -s /etc/passwd link && tar --format=ustar -cf - link',
    ])
    expect(() => readTar(link)).toThrow('neither a file nor a folder')
    const entry = { path: 'a', content: Buffer.alloc(0) }
    expect(() => readTar(writeTar([entry, entry]))).toThrow('twice')
  })
})
