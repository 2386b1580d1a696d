import { KesError } from './kesError.ts'

/** A field as we read it: a number, or bytes (texts, byte slices, and whatever encodes itself, as `time.Time` does). */
export type GobField = 'number' | 'bytes'

/** The values of one struct; a field that holds its zero value was not written and is undefined. */
export type GobStruct<Shape extends Readonly<Record<string, GobField>>> = {
  readonly [Name in keyof Shape]: (Shape[Name] extends 'number' ? number : Buffer) | undefined
}

/**
 * Reads the one flat struct that KES writes with Go's `encoding/gob` (its documentation, section "Encoding Details"):
 * messages that begin with their length, of which those with a negative type describe types and are passed over. `shape`
 * names the fields in the order in which the Go struct declares them. Throws `DataUnreadable`.
 */
export function readGob<const Shape extends Readonly<Record<string, GobField>>>(
  bytes: Buffer,
  shape: Shape,
): GobStruct<Shape> {
  const stream = new GobReader(bytes)
  while (!stream.atEnd()) {
    const message = new GobReader(stream.bytes())
    if (message.signed() >= 0) return readStruct(message, shape)
  }
  throw unreadable()
}

function readStruct<Shape extends Readonly<Record<string, GobField>>>(
  message: GobReader,
  shape: Shape,
): GobStruct<Shape> {
  const fields = Object.entries(shape)
  const values: Record<string, number | Buffer | undefined> = {}
  for (let index = -1; ;) {
    const step = message.unsigned()
    if (step === 0) return values as GobStruct<Shape>
    index += step
    const [name, kind] = fields[index] ?? []
    if (name === undefined) throw unreadable()
    values[name] = kind === 'number' ? message.unsigned() : message.bytes()
  }
}

/** A place in a gob stream. */
class GobReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Below 128 one byte; else the number of bytes, negated, and then the number, its highest byte first. */
  unsigned(): number {
    const first = this.#take(1).readUInt8(0)
    if (first < 128) return first
    const size = 256 - first
    // More than six bytes is more than JavaScript counts exactly, and more than any length here.
    if (size > 6) throw unreadable()
    return this.#take(size).readUIntBE(0, size)
  }

  /** The lowest bit says whether the others are complemented. */
  signed(): number {
    const value = this.unsigned()
    return value % 2 === 1 ? -(value - 1) / 2 - 1 : value / 2
  }

  bytes(): Buffer {
    return this.#take(this.unsigned())
  }

  #take(size: number): Buffer {
    if (size > this.#bytes.length - this.#at) throw unreadable()
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }
}

const unreadable = (): KesError =>
  new KesError('DataUnreadable', 'what lies in the data directory has not the form of KES')
