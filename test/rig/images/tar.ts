import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { RigError } from '../rigError.ts'

/** One entry of an archive. Times are always 0, so that the same content makes the same bytes. */
export type TarEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly owner?: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly mode: number
      readonly content: Buffer | { readonly file: string }
    }

export type Sink = (bytes: Buffer) => void

const blockSize = 512
const longestPath = 100
const typeFlags = { file: '0', link: '2', folder: '5' } as const

/** A ustar header (POSIX.1-1988): fixed fields, numbers in octal text. */
function header(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(blockSize)
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path
  const target = entry.kind === 'link' ? entry.target : ''
  const owner = entry.kind === 'folder' ? (entry.owner ?? 0) : 0
  if (Math.max(Buffer.byteLength(path), Buffer.byteLength(target)) > longestPath) {
    throw new RigError('ArchiveInvalid', `${path}: longer than ${longestPath} bytes`)
  }
  const octal = (value: number, at: number, length: number): number =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
  block.write(path, 0)
  octal(entry.kind === 'link' ? 0o777 : entry.mode, 100, 8)
  octal(owner, 108, 8)
  octal(owner, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.write(' '.repeat(8), 148, 'latin1')
  block.write(typeFlags[entry.kind], 156, 'latin1')
  block.write(target, 157)
  block.write('ustar\x0000', 257, 'latin1')
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  block.write('\0', 154, 'latin1')
  return block
}

const padding = (size: number): Buffer => Buffer.alloc((blockSize - (size % blockSize)) % blockSize)

/** Hands a file to a sink in pieces, so that no file has to fit in memory. */
export function pour(path: string, sink: Sink): void {
  const file = openSync(path, 'r')
  try {
    for (let at = 0; ;) {
      const piece = Buffer.allocUnsafe(1 << 20)
      const length = readSync(file, piece, 0, piece.length, at)
      if (length === 0) return
      sink(piece.subarray(0, length))
      at += length
    }
  } finally {
    closeSync(file)
  }
}

/** Hands a whole archive to a sink, its entries in the order given. */
export function writeTar(entries: readonly TarEntry[], sink: Sink): void {
  for (const entry of entries) {
    const content = entry.kind === 'file' ? entry.content : Buffer.alloc(0)
    const size = Buffer.isBuffer(content) ? content.length : statSync(content.file).size
    sink(header(entry, size))
    if (Buffer.isBuffer(content)) sink(content)
    else pour(content.file, sink)
    sink(padding(size))
  }
  sink(Buffer.alloc(2 * blockSize))
}

/** Writes what a function hands out into a new file. */
export function toFile(path: string, write: (sink: Sink) => void): void {
  const file = openSync(path, 'wx')
  try {
    write((bytes) => {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    })
  } finally {
    closeSync(file)
  }
}
