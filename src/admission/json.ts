import { isUtf8 } from 'node:buffer'
import { Refusal } from './refusal.ts'

/** Go's encoding/json refuses what is nested deeper, so nothing that comes through an API server is. */
const deepest = 10_000

/**
 * Parses a hostile body. Throws `BadRequest` for what is no JSON text in UTF-8 (RFC 8259 §8.1: no byte order mark), for
 * lone surrogates, and for what is nested deeper than any API server sends. Of two members with one name the last wins.
 */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new Refusal('BadRequest', 'the body is empty')
  if (!isUtf8(body)) throw new Refusal('BadRequest', 'the body is not UTF-8')
  // A shorter body has no room for so many brackets and their ends.
  if (body.length > 2 * deepest && depthOf(body) > deepest)
    throw new Refusal('BadRequest', 'the body is nested too deep')
  const text = body.toString('utf8')
  try {
    // Only a text with an escaped surrogate can hold half of one, and Go writes none.
    return text.includes('\\u') && escapedSurrogate.test(text) ? JSON.parse(text, wellFormed) : JSON.parse(text)
  } catch (cause) {
    throw new Refusal('BadRequest', 'the body is not JSON', { cause })
  }
}

const escapedSurrogate = /\\u[dD]/

function wellFormed(key: string, value: unknown): unknown {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed()))
    throw new SyntaxError('a lone surrogate')
  return value
}

const quote = 0x22
const backslash = 0x5c
// [ and { differ in one bit, and so do ] and }.
const open = 0x5b
const close = 0x5d
const curly = 0x20

function depthOf(body: Buffer): number {
  let depth = 0
  let most = 0
  let inText = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0
    if (inText) {
      if (byte === backslash) at++
      else if (byte === quote) inText = false
    } else if (byte === quote) inText = true
    else if ((byte | curly) === (open | curly)) most = Math.max(most, ++depth)
    else if ((byte | curly) === (close | curly)) depth--
  }
  return most
}
