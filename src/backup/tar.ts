import { BackupError } from './backupError.ts'

/** One entry of an archive; a folder has no content. */
export interface TarEntry {
  /** Relative, `/` between its parts, nothing before or after. */
  readonly path: string
  readonly content: Buffer | 'folder'
}

const blockBytes = 512
/** Where a header's fields lie (POSIX.1-1988, ustar). */
const at = {
  name: 0,
  mode: 100,
  owner: 108,
  group: 116,
  size: 124,
  time: 136,
  sum: 148,
  type: 156,
  magic: 257,
  prefix: 345,
}
const longest = { name: 100, prefix: 155 }

/** Writes an archive that any `tar` reads. The same entries make the same bytes. Throws `NotBackedUp` for a path it cannot hold. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content }) => {
    const bytes = content === 'folder' ? Buffer.alloc(0) : content
    return [header(path, content), bytes, Buffer.alloc(paddingOf(bytes.length))]
  })
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockBytes)])
}

/** Reads an archive of ours, or one of the launcher's, to its end mark. Throws `Damaged` for everything else. */
export function readTar(archive: Buffer): readonly TarEntry[] {
  const entries: TarEntry[] = []
  const seen = new Set<string>()
  for (let offset = 0; ;) {
    const block = archive.subarray(offset, offset + blockBytes)
    if (block.length < blockBytes) throw damaged('it ends before its end mark')
    offset += blockBytes
    if (block.every((byte) => byte === 0)) return entries
    if (octal(block, at.sum, 8) !== sumOf(block)) throw damaged('a header was changed')
    const path = pathIn(block)
    if (seen.has(path)) throw damaged('it holds a path twice')
    seen.add(path)
    const type = String.fromCharCode(block[at.type] ?? 0)
    const size = octal(block, at.size, 12)
    const content = archive.subarray(offset, offset + size)
    if (content.length < size) throw damaged('it ends in the middle of a file')
    if (type === '5') entries.push({ path, content: 'folder' })
    else if (type === '0') entries.push({ path, content })
    else throw damaged('it holds something that is neither a file nor a folder')
    offset += size + paddingOf(size)
  }
}

function header(path: string, content: TarEntry['content']): Buffer {
  const block = Buffer.alloc(blockBytes)
  const folder = content === 'folder'
  const [prefix, name] = split(folder ? `${path}/` : path)
  const number = (value: number, start: number, length: number): number =>
    block.write(value.toString(8).padStart(length - 1, '0'), start, 'latin1')
  block.write(name, at.name)
  number(folder ? 0o755 : 0o600, at.mode, 8)
  number(0, at.owner, 8)
  number(0, at.group, 8)
  number(folder ? 0 : content.length, at.size, 12)
  number(0, at.time, 12)
  block.write(folder ? '5' : '0', at.type, 'latin1')
  block.write('ustar\x0000', at.magic, 'latin1')
  block.write(prefix, at.prefix)
  number(sumOf(block), at.sum, 7)
  block.write(' ', at.sum + 7, 'latin1')
  return block
}

/** A path of more than 100 bytes is cut at a slash into the two fields that a header has. */
function split(path: string): readonly [prefix: string, name: string] {
  if (Buffer.byteLength(path) <= longest.name) return ['', path]
  for (let cut = path.indexOf('/'); cut > 0; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)]
    if (Buffer.byteLength(prefix) > longest.prefix) break
    if (name !== '' && Buffer.byteLength(name) <= longest.name) return [prefix, name]
  }
  throw new BackupError('NotBackedUp', `a path is too long for the archive: ${path.slice(0, 200)}`)
}

/** Paths are outside input: none may climb or begin at the root. */
function pathIn(block: Buffer): string {
  const [prefix, name] = [textIn(block, at.prefix, longest.prefix), textIn(block, at.name, longest.name)]
  const path = (prefix === '' ? name : `${prefix}/${name}`).replace(/\/$/, '')
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw damaged('it holds a path that leads out of it')
  return path
}

const textIn = (block: Buffer, start: number, length: number): string => {
  const field = block.subarray(start, start + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('utf8')
}

function octal(block: Buffer, start: number, length: number): number {
  const text = textIn(block, start, length).trim()
  if (!/^[0-7]{1,11}$/.test(text)) throw damaged('a header was changed')
  return Number.parseInt(text, 8)
}

/** The sum over a header, its own field counted as spaces. */
const sumOf = (block: Buffer): number =>
  block.reduce((sum, byte, index) => sum + (index >= at.sum && index < at.sum + 8 ? 0x20 : byte), 0)

const paddingOf = (size: number): number => (blockBytes - (size % blockBytes)) % blockBytes

const damaged = (how: string): BackupError => new BackupError('Damaged', `the archive cannot be read: ${how}`)
