/**
 * Who wrote which member of an object. No decision reads it, it is nearly half of a pod's review, and hardly anything takes the parser
 * longer than its keys, each the name of a field or a piece of JSON in JSON.
 */
const name = 'managedFields":['

const comma = 0x2c
const quote = 0x22
const backslash = 0x5c
// [ and { differ in one bit, and so do ] and }.
const open = 0x5b
const close = 0x5d
const curly = 0x20

/**
 * The text of a body with nothing in its lists called `managedFields`, as Go writes them: without spaces, and never first in an object.
 *
 * In a JSON text `,"` before the name begins a member: inside a text a quote has a backslash before it, and behind one comes no name. Of
 * what is left out only quotes and brackets are looked at, so a fault in there is not found. What is no JSON outside of it stays none.
 */
export function textWithoutManagedFields(body: Buffer): string {
  let text = ''
  let from = 0
  for (;;) {
    const at = body.indexOf(name, from, 'latin1')
    if (at < 0) break
    const begin = at + name.length
    const isMember = body[at - 1] === quote && body[at - 2] === comma
    const end = isMember ? endOfList(body, begin) : begin
    if (end < 0) break
    text += body.toString('utf8', from, begin)
    from = end
  }
  return text + body.toString('utf8', from)
}

/** The place of the bracket that closes a list; `at` is behind the one that opens it. -1 where there is none. */
function endOfList(body: Buffer, at: number): number {
  let depth = 1
  for (; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (byte === quote) at = endOfText(body, at + 1)
    else if ((byte | curly) === (open | curly)) depth++
    else if ((byte | curly) === (close | curly) && --depth === 0) return at
  }
  return -1
}

/** The place of the quote that closes a text; the end of the body where there is none. */
function endOfText(body: Buffer, at: number): number {
  for (; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) return at
    if (byte === backslash) at++
  }
  return body.length
}
