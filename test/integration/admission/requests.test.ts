import { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, dial, openPort, rawReview, untilClosed, type Port } from './port.ts'

let port: Port
beforeAll(async () => {
  port = await openPort()
})
afterAll(() => port[Symbol.asyncDispose]())

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
