/** Rows under a head, each column as wide as its widest cell. What came from outside is made one line without control characters. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const clean = [head, ...rows].map((row) => row.map(oneLine))
  const widths = head.map((_, at) => Math.max(...clean.map((row) => (row[at] ?? '').length)))
  return clean.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A text that others wrote, safe for a terminal. */
export const oneLine = (text: string): string => text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
