import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { unzip } from '../../../rig/programs/zip.ts'

const place = mkdtempSync(join(tmpdir(), 'rig-zip-'))
afterAll(() => rmSync(place, { recursive: true }))

interface Member {
  readonly name: string
  readonly content: string
  readonly deflate: boolean
}

/** A zip file as PKWARE's APPNOTE lays it out; the local header's extra field has another length than the directory's. */
function zip(members: readonly Member[], comment = ''): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, content, deflate } of members) {
    const packed = deflate ? deflateRawSync(content) : Buffer.from(content)
    const shared = Buffer.alloc(22)
    shared.writeUInt16LE(deflate ? 8 : 0, 4)
    shared.writeUInt32LE(crc32(content), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(content.length, 18)
    const lengths = Buffer.from([name.length, 0, 4, 0])
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), shared, lengths, Buffer.from(`${name}xtra`), packed])
    const tail = Buffer.alloc(18)
    tail.writeUInt16LE(name.length, 0)
    tail.writeUInt32LE(offset, 14)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\0\0'), shared, tail, Buffer.from(name)]))
    bodies.push(local)
    offset += local.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(offset, 12)
  end.writeUInt16LE(comment.length, 16)
  return Buffer.concat([...bodies, entries, Buffer.from('PK\x05\x06'), end, Buffer.from(comment)])
}

function archive(name: string, bytes: Buffer): string {
  const path = join(place, name)
  writeFileSync(path, bytes)
  return path
}

const members = [
  { name: 'helm/helm', content: 'stored', deflate: false },
  { name: 'kubectl/kubectl', content: 'packed '.repeat(1000), deflate: true },
]

describe('a zip file', () => {
  it('gives back a file that was stored and one that was packed', () => {
    const path = archive('two.zip', zip(members))
    expect(unzip(path, 'helm/helm').toString()).toBe('stored')
    expect(unzip(path, 'kubectl/kubectl').toString()).toBe('packed '.repeat(1000))
  })

  it('is found to end before its comment', () => {
    const path = archive('comment.zip', zip(members, 'made by hand'))
    expect(unzip(path, 'helm/helm').toString()).toBe('stored')
  })

  it('is refused when it lacks the file, or is none', () => {
    expect(() => unzip(archive('lacks.zip', zip(members)), 'helm')).toThrow(/holds no helm/)
    expect(() => unzip(archive('none.zip', Buffer.from('no zip at all')), 'helm')).toThrow(/not a zip file/)
  })
})
