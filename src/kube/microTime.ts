/** A `MicroTime` of apimachinery: exactly six digits of a second. A real API server refuses the three of `toISOString`. */
export function microTime(at: Date): string {
  return at.toISOString().replace('Z', '000Z')
}
