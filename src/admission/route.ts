import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

export const reviewPath = '/mutate'

const mediaType = /^application\/json[ \t]*(?:;[ \t]*charset=(?:utf-8|"utf-8")[ \t]*)?$/i

/** Checks that a request is one to look at, before a byte of its body is read. Throws the `Refusal` that it deserves. */
export function checkRoute({ url = '', method, headers }: IncomingMessage): void {
  if (headers.host === undefined) throw new Refusal('BadRequest', 'there is no Host (RFC 9112 §3.2)')
  const query = url.indexOf('?')
  // The API server adds `?timeout=5s`. No decoding, no folding of slashes: one path, written one way.
  if ((query < 0 ? url : url.slice(0, query)) !== reviewPath) throw new Refusal('NotFound', 'there is nothing here')
  if (method !== 'POST') throw new Refusal('MethodNotAllowed', 'reviews are POSTed')
  // A small body could become a large one, and the API server never compresses.
  if (headers['content-encoding'] !== undefined)
    throw new Refusal('UnsupportedMediaType', 'no Content-Encoding is taken')
  if (!mediaType.test(headers['content-type'] ?? '')) {
    throw new Refusal('UnsupportedMediaType', 'the Content-Type must be application/json')
  }
}
