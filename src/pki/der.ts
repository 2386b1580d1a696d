import { PkiError } from './pkiError.ts'

/** One DER element: its tag, what it contains, and all its bytes (X.690). */
export interface DerElement {
  readonly tag: number
  readonly content: Buffer
  readonly raw: Buffer
}

export const tags = { bitString: 0x03, octetString: 0x04, objectIdentifier: 0x06, sequence: 0x30 } as const

const broken = (why: string): PkiError => new PkiError('CertificateUnreadable', `not DER: ${why}`)

/** Reads the one element that starts at `offset`. Throws `CertificateUnreadable` when the bytes end too early. */
export function readElement(bytes: Buffer, offset = 0): DerElement {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) throw broken('the bytes end inside a header')
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4) throw broken('a length that no certificate has')
  const start = offset + 2 + lengthBytes
  if (start > bytes.length) throw broken('the bytes end inside a length')
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes)
  const end = start + length
  if (end > bytes.length) throw broken('an element is longer than the bytes around it')
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) }
}

/** The elements inside a constructed one, in order. */
export function children(element: DerElement): readonly DerElement[] {
  const found: DerElement[] = []
  for (let offset = 0; offset < element.content.length;) {
    const child = readElement(element.content, offset)
    found.push(child)
    offset += child.raw.length
  }
  return found
}
