import { gzipSync } from 'node:zlib'
import { goodReview, rawReview, type Call } from './port.ts'

/** One row of the list of bad inputs (numbers: the project's list of 68) that is one HTTP request, and its status. */
export interface BadRequest {
  readonly row: number
  readonly what: string
  readonly status: number
  /** A request of Node's client, or text that is written as it is. */
  readonly send: Call | string
}

const json = { 'Content-Type': 'application/json' }
const head = 'POST /mutate HTTP/1.1\r\nHost: x\r\n'
const jsonHead = `${head}Content-Type: application/json\r\n`
const chunked = `${jsonHead}Transfer-Encoding: chunked\r\n\r\n`
const of = (type: string): Call => ({ headers: { 'Content-Type': type } })
const encoded = (coding: string): Call => ({
  headers: { ...json, 'Content-Encoding': coding },
  body: gzipSync(Buffer.alloc(50_000_000)),
})
const eightMiB = 8 * 1024 * 1024

export const badRequests: readonly BadRequest[] = [
  ...['GET', 'PUT', 'HEAD', 'OPTIONS', 'TRACE', 'DELETE', 'PATCH'].map((method) => ({
    row: 1,
    what: method,
    status: 405,
    send: { method },
  })),
  ...['/', '/other', '/mutate/', '//mutate', '/%6dutate', '/x/%2e%2e/mutate', '/x/../mutate', '/MUTATE', '*'].map(
    (path) => ({ row: 2, what: `the path ${path}`, status: 404, send: { path } }),
  ),
  // Node's parser has one limit for request line and headers together, and one error: 431 (RFC 6585 §5) it is, not 414.
  { row: 3, what: 'a URL of 100 kB', status: 431, send: `POST /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n` },
  { row: 4, what: 'no Content-Type', status: 415, send: { headers: {} } },
  { row: 5, what: 'text', status: 415, send: of('text/plain') },
  { row: 5, what: 'a form', status: 415, send: of('application/x-www-form-urlencoded') },
  { row: 5, what: 'a multipart form', status: 415, send: of('multipart/form-data; boundary=x') },
  { row: 5, what: 'a kind of JSON', status: 415, send: of('application/json-patch+json') },
  { row: 6, what: 'UTF-16', status: 415, send: of('application/json; charset=utf-16le') },
  { row: 6, what: 'a made-up charset', status: 415, send: of('application/json; charset=bogus') },
  { row: 6, what: 'UTF-8, which is right', status: 200, send: of('application/json; charset=utf-8') },
  ...['gzip', 'br', 'deflate', 'identity'].map((coding) => ({
    row: 7,
    what: `a bomb in ${coding}`,
    status: 415,
    send: encoded(coding),
  })),
  { row: 8, what: 'an empty body', status: 400, send: { body: '' } },
  {
    row: 11,
    what: 'a length and chunks',
    status: 400,
    send: `${jsonHead}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    row: 11,
    what: 'chunks and a length',
    status: 400,
    send: `${jsonHead}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  },
  { row: 11, what: 'two lengths', status: 400, send: `${jsonHead}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx` },
  { row: 11, what: 'a negative length', status: 400, send: `${jsonHead}Content-Length: -1\r\n\r\n` },
  { row: 11, what: 'a folded header', status: 400, send: `${head}A: b\r\n c\r\n\r\n` },
  { row: 11, what: 'bare line feeds', status: 400, send: 'POST /mutate HTTP/1.1\nHost: x\n\n' },
  { row: 11, what: 'a space before the colon', status: 400, send: `${head}Content-Length : 1\r\n\r\nx` },
  { row: 11, what: 'no Host', status: 400, send: 'POST /mutate HTTP/1.1\r\n\r\n' },
  { row: 12, what: 'a chunk of no length', status: 400, send: `${chunked}zz\r\n` },
  { row: 12, what: 'a chunk longer than it says', status: 400, send: `${chunked}1\r\n{}\r\n0\r\n\r\n` },
  { row: 12, what: 'a chunk of more than there can be', status: 400, send: `${chunked}fffffffffffffffff\r\n` },
  { row: 12, what: 'a bad trailer', status: 400, send: `${chunked}2\r\n{}\r\n0\r\nA b\r\n\r\n` },
  {
    row: 13,
    what: 'a client that asks before it sends',
    status: 200,
    send: { headers: { ...json, Expect: '100-continue', 'Content-Length': String(goodReview.length) } },
  },
  // Headers alone: the answer must come before a byte of the body is there.
  {
    row: 14,
    what: 'a body of 8 MiB and a byte, announced',
    status: 413,
    send: `${jsonHead}Content-Length: ${eightMiB + 1}\r\n\r\n`,
  },
  {
    row: 14,
    what: 'a body of 9 MiB in chunks',
    status: 413,
    send: `${chunked}900000\r\n${' '.repeat(0x900000)}\r\n0\r\n\r\n`,
  },
  { row: 16, what: 'ten thousand headers', status: 431, send: `${head}${'A: b\r\n'.repeat(10_000)}\r\n` },
  { row: 16, what: 'a header of a megabyte', status: 431, send: `${head}A: ${'a'.repeat(1_000_000)}\r\n\r\n` },
  { row: 20, what: 'another protocol', status: 400, send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { row: 20, what: 'an upgrade', status: 200, send: rawReview('Connection: Upgrade, close\r\nUpgrade: websocket\r\n') },
  { row: 20, what: 'nothing like HTTP', status: 400, send: 'hello\r\n\r\n' },
]
