import { Agent } from 'node:https'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { podRequest, reviewOf } from '../../fixtures/requests.ts'
import { pod } from '../../fixtures/objects.ts'
import { call, dial, goodReview, openPort, rawReview, untilClosed, type Call, type Port } from './port.ts'

let port: Port
beforeAll(async () => {
  port = await openPort()
})
afterAll(() => port[Symbol.asyncDispose]())

const json = { 'Content-Type': 'application/json' }

describe('the admission port', () => {
  it('answers a review, on one connection as often as it is asked', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let at = 0; at < 100; at++) {
      const { status, reused, text } = await call(port, { agent })
      expect(status).toBe(200)
      expect(reused).toBe(at > 0)
      expect(JSON.parse(text)).toMatchObject({ kind: 'AdmissionReview', response: { allowed: true } })
    }
    agent.destroy()
  })

  it('tells nothing about itself', async () => {
    const { headers } = await call(port)
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('etag')
  })

  it('answers pipelined reviews in order', async () => {
    const socket = await dial(port)
    const uids = Array.from({ length: 50 }, (_, at) => `review-${at}`)
    const bodies = uids.map((uid) => goodReview.toString().replace(/"uid":"[^"]+"/, `"uid":"${uid}"`))
    const requests = bodies.map(
      (body, at) =>
        `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${at === 49 ? 'Connection: close\r\n' : ''}\r\n${body}`,
    )
    socket.write(requests.join(''))
    const text = await untilClosed(socket)
    expect([...text.matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid)).toEqual(uids)
  })

  it('serves a client that asks before it sends', async () => {
    const { status } = await call(port, {
      headers: { ...json, Expect: '100-continue', 'Content-Length': String(goodReview.length) },
    })
    expect(status).toBe(200)
  })

  it('serves a review of seven megabytes', async () => {
    const big = pod({}, {}, { note: 'x'.repeat(7 * 1024 * 1024) })
    expect((await call(port, { body: reviewOf(podRequest(big)) })).status).toBe(200)
  })

  it('serves thirty thousand variables with an answer of a few operations', async () => {
    const env = Array.from({ length: 30_000 }, (_, at) => ({ name: `V${at}`, value: 'x' }))
    const { text } = await call(port, { body: reviewOf(podRequest(pod({ env }))) })
    const { response } = JSON.parse(text) as { response: { patch: string } }
    expect(JSON.parse(Buffer.from(response.patch, 'base64').toString())).toHaveLength(7)
  })
})

describe('a request that is refused', () => {
  const chunked = { ...json, 'Transfer-Encoding': 'chunked' }
  it.each<[string, number, Call]>([
    ['GET', 405, { method: 'GET' }],
    ['PUT', 405, { method: 'PUT' }],
    ['HEAD', 405, { method: 'HEAD' }],
    ['OPTIONS', 405, { method: 'OPTIONS' }],
    ['TRACE', 405, { method: 'TRACE' }],
    ['DELETE', 405, { method: 'DELETE' }],
    ['another path', 404, { path: '/' }],
    ['a slash more', 404, { path: '/mutate/' }],
    ['a doubled slash', 404, { path: '//mutate' }],
    ['an encoded path', 404, { path: '/%6dutate' }],
    ['encoded dots', 404, { path: '/x/%2e%2e/mutate' }],
    ['no Content-Type', 415, { headers: {} }],
    ['text', 415, { headers: { 'Content-Type': 'text/plain' } }],
    ['a form', 415, { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }],
    ['a multipart form', 415, { headers: { 'Content-Type': 'multipart/form-data; boundary=x' } }],
    ['UTF-16', 415, { headers: { 'Content-Type': 'application/json; charset=utf-16le' } }],
    ['a made-up charset', 415, { headers: { 'Content-Type': 'application/json; charset=bogus' } }],
    ['gzip', 415, { headers: { ...json, 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000)) }],
    ['br', 415, { headers: { ...json, 'Content-Encoding': 'br' } }],
    ['deflate', 415, { headers: { ...json, 'Content-Encoding': 'deflate' } }],
    ['an empty body', 400, { body: '' }],
    ['no JSON', 400, { body: '{' }],
    ['null', 400, { body: 'null' }],
    ['a body that is one byte too long', 413, { body: Buffer.alloc(8 * 1024 * 1024 + 1, 0x20) }],
    ['a body in chunks that is too long', 413, { headers: chunked, body: Buffer.alloc(9 * 1024 * 1024, 0x20) }],
  ])('%s: %d', async (_what, expected, request) => {
    // Who is refused in the middle of sending may see a reset before the answer.
    const outcome = await call(port, request).catch((error: unknown) => (error as NodeJS.ErrnoException).code)
    if (typeof outcome === 'string' || outcome === undefined) {
      expect(['EPIPE', 'ECONNRESET']).toContain(outcome)
      expect(expected).toBe(413)
      expect(port.refused.at(-1)?.status).toBe(413)
    } else {
      expect(outcome.status).toBe(expected)
      if (expected === 405) expect(outcome.headers['allow']).toBe('POST')
      if (outcome.text !== '') expect(Object.keys(JSON.parse(outcome.text) as object)).toEqual(['error', 'message'])
    }
    expect((await call(port)).status).toBe(200)
  })

  it.each([
    ['nothing like HTTP', 'hello\r\n\r\n', 400],
    ['two lengths', 'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
    [
      'a length and chunks',
      'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a folded header', 'POST /mutate HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n', 400],
    ['a bare line feed', 'POST /mutate HTTP/1.1\nHost: x\n\n', 400],
    [
      'a bad chunk',
      'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['a header of a megabyte', `POST /mutate HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(1_000_000)}\r\n\r\n`, 431],
    ['ten thousand headers', `POST /mutate HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(10_000)}\r\n`, 431],
    ['an endless URL', `POST /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['no Host', 'POST /mutate HTTP/1.1\r\n\r\n', 400],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ])('%s ends in a closed connection', async (_what, text, status) => {
    const socket = await dial(port)
    const answer = untilClosed(socket)
    socket.write(text)
    // Who still sends when it is refused may be reset before the answer is read.
    expect(await answer).toMatch(new RegExp(`^HTTP/1.1 ${status} ${text.length > 50_000 ? '|^$' : ''}`))
    expect((await call(port)).status).toBe(200)
  })
})

describe('a defect of ours', () => {
  it('is answered without stack, message or secret', async () => {
    await using broken = await openPort({
      fail: () => {
        throw new Error('secret-canary')
      },
    })
    const { status, text } = await call(broken)
    expect(status).toBeGreaterThanOrEqual(500)
    expect(text).not.toMatch(/secret-canary|at .*\.ts|Error/)
  })
})

describe('clients that take their time', () => {
  it('are cut while they send their headers', async () => {
    await using slow = await openPort({ limits: { headersMs: 300, requestMs: 300 } })
    const socket = await dial(slow)
    const answer = untilClosed(socket)
    socket.write('POST /mutate HTTP/1.1\r\nHost: x\r\n')
    expect(await answer).toMatch(/^HTTP\/1.1 408 /)
  })

  it('are cut while they send their body, and others are served meanwhile', async () => {
    await using slow = await openPort({ limits: { headersMs: 300, requestMs: 300 } })
    const sockets = await Promise.all(Array.from({ length: 50 }, () => dial(slow)))
    const answers = sockets.map(untilClosed)
    for (const socket of sockets) socket.write(rawReview().slice(0, -10))
    expect((await call(slow)).status).toBe(200)
    await Promise.all(answers)
    expect(slow.answered).toHaveLength(1)
  })

  it('make room for others when they hold every connection', async () => {
    await using full = await openPort({ limits: { connections: 20 } })
    const idle = await Promise.all(Array.from({ length: 40 }, () => dial(full)))
    for (let at = 0; at < 5; at++) expect((await call(full)).status).toBe(200)
    for (const socket of idle) socket.destroy()
  })

  it('leave nothing behind when they go in the middle of a body', async () => {
    await using left = await openPort()
    for (let at = 0; at < 100; at++) {
      const socket = await dial(left)
      socket.write(rawReview().slice(0, -10), () => socket.destroy())
    }
    expect((await call(left)).status).toBe(200)
    expect(left.answered).toHaveLength(1)
    expect(left.refused).toHaveLength(0)
  })
})
