import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { complete, folder, program, text } from '../../../rig/images/root.ts'
import { toFile, writeTar, type TarEntry } from '../../../rig/images/tar.ts'

const place = mkdtempSync(join(tmpdir(), 'rig-tar-'))
afterAll(() => rmSync(place, { recursive: true }))

const entries: readonly TarEntry[] = [
  folder('tmp', 0o1777),
  folder('data', 0o750, 65532),
  text('etc/passwd', 'root:x:0:0::/:/bin/sh\n'),
  program('usr/bin/self', import.meta.filename),
  { kind: 'link', path: 'bin/sh', target: 'busybox' },
]

function archive(name: string, content: readonly TarEntry[]): string {
  const file = join(place, name)
  toFile(file, (sink) => writeTar(content, sink))
  return file
}

describe('an archive', () => {
  it('is read by GNU tar with modes, owners, links and content as given', () => {
    const file = archive('read.tar', complete(entries))
    const listed = execFileSync('tar', ['--numeric-owner', '--utc', '-tvf', file]).toString()
    expect(listed).toMatch(/^drwxrwxrwt 0\/0 .*1970-01-01 00:00 tmp\/$/m)
    expect(listed).toMatch(/^drwxr-x--- 65532\/65532 .* data\/$/m)
    expect(listed).toMatch(/^lrwxrwxrwx .* bin\/sh -> busybox$/m)
    expect(listed).toMatch(/^-rwxr-xr-x .* usr\/bin\/self$/m)
    const unpacked = execFileSync('tar', ['-xOf', file, 'usr/bin/self'])
    expect(unpacked.equals(readFileSync(import.meta.filename))).toBe(true)
  })

  it('has the same bytes whatever the order in which its content was named', () => {
    const one = readFileSync(archive('one.tar', complete(entries)))
    const other = readFileSync(archive('other.tar', complete(entries.toReversed())))
    expect(one.equals(other)).toBe(true)
  })

  it('is a whole number of blocks and ends with two empty ones', () => {
    const file = archive('blocks.tar', [text('a', 'x'.repeat(512)), text('b', '')])
    expect(statSync(file).size).toBe(5 * 512)
    expect(readFileSync(file).subarray(-1024)).toEqual(Buffer.alloc(1024))
  })

  it('refuses a path that the format has no room for', () => {
    expect(() => archive('long.tar', [text('x'.repeat(101), '')])).toThrow(/longer than 100 bytes/)
  })

  it('names every folder that a path passes through before what lies in it', () => {
    const paths = complete(entries).map(({ path }) => path)
    expect(paths.indexOf('usr')).toBeGreaterThanOrEqual(0)
    expect(paths.indexOf('usr')).toBeLessThan(paths.indexOf('usr/bin'))
    expect(paths.indexOf('usr/bin')).toBeLessThan(paths.indexOf('usr/bin/self'))
  })
})
