import { PkiError } from './pkiError.ts'

/** One `-----BEGIN LABEL-----` … `-----END LABEL-----` block, its text ending in a newline. */
export interface PemBlock {
  readonly label: string
  readonly text: string
}

const boundary = /^-----(BEGIN|END) ([A-Z0-9 ]{1,64})-----\s*$/

/**
 * Splits text into its PEM blocks (RFC 7468, lax: text between blocks is skipped).
 *
 * One pass over the lines, so a hostile text costs no more than its length. Throws `PemInvalid` for a block that
 * does not end, ends under another label, or holds another block.
 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let open: { label: string; lines: string[] } | undefined
  for (const line of text.split(/\r?\n/)) {
    const [, edge, label] = boundary.exec(line) ?? []
    if (edge === 'BEGIN' && label !== undefined) {
      if (open) throw new PkiError('PemInvalid', `a ${open.label} block does not end before the next one begins`)
      open = { label, lines: [line.trimEnd()] }
    } else if (edge === 'END') {
      if (!open || open.label !== label) throw new PkiError('PemInvalid', 'a PEM block ends that did not begin')
      blocks.push({ label: open.label, text: [...open.lines, line.trimEnd(), ''].join('\n') })
      open = undefined
    } else {
      open?.lines.push(line.trim())
    }
  }
  if (open) throw new PkiError('PemInvalid', `a ${open.label} block does not end`)
  return blocks
}

/** Wraps DER in one PEM block. */
export function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
