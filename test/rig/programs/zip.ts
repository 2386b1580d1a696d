import { closeSync, openSync, readSync, fstatSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { RigError } from '../rigError.ts'

// PKWARE APPNOTE 4.3: the file ends with an end record that points at the central directory, which points at each entry.
const endRecord = { signature: 0x06054b50, size: 22, longestComment: 0xffff }
const directoryEntry = { signature: 0x02014b50, size: 46 }
const localHeader = { signature: 0x04034b50, size: 30 }
const methods = { stored: 0, deflated: 8 }

function bytesAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  if (readSync(file, bytes, 0, length, offset) !== length)
    throw new RigError('ArchiveInvalid', 'the zip file ends too early')
  return bytes
}

function directory(file: number): Buffer {
  const { size } = fstatSync(file)
  const tailLength = Math.min(size, endRecord.size + endRecord.longestComment)
  const tail = bytesAt(file, size - tailLength, tailLength)
  for (let at = tail.length - endRecord.size; at >= 0; at--) {
    if (tail.readUInt32LE(at) === endRecord.signature) {
      return bytesAt(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12))
    }
  }
  throw new RigError('ArchiveInvalid', 'not a zip file')
}

function content(file: number, entry: Buffer): Buffer {
  const method = entry.readUInt16LE(10)
  const header = bytesAt(file, entry.readUInt32LE(42), localHeader.size)
  if (header.readUInt32LE(0) !== localHeader.signature)
    throw new RigError('ArchiveInvalid', 'an entry is not where it is said to be')
  const start = entry.readUInt32LE(42) + localHeader.size + header.readUInt16LE(26) + header.readUInt16LE(28)
  const packed = bytesAt(file, start, entry.readUInt32LE(20))
  if (method === methods.stored) return packed
  if (method === methods.deflated) return inflateRawSync(packed)
  throw new RigError('ArchiveInvalid', `compression method ${method} is not supported`)
}

/** Answers the content of one file in a zip archive (no zip64, no encryption). Throws `ArchiveInvalid`. */
export function unzip(path: string, name: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const entries = directory(file)
    for (let at = 0; at + directoryEntry.size <= entries.length;) {
      const entry = entries.subarray(at)
      if (entry.readUInt32LE(0) !== directoryEntry.signature) break
      const nameLength = entry.readUInt16LE(28)
      const entryName = entry.toString('utf8', directoryEntry.size, directoryEntry.size + nameLength)
      if (entryName === name) return content(file, entry)
      at += directoryEntry.size + nameLength + entry.readUInt16LE(30) + entry.readUInt16LE(32)
    }
    throw new RigError('ArchiveInvalid', `${path} holds no ${name}`)
  } finally {
    closeSync(file)
  }
}
