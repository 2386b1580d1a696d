import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  clientCertificate,
  endedClientCertificate,
  newAuthority,
  servingCertificate,
} from '../../fixtures/certificates.ts'
import { pod } from '../../fixtures/objects.ts'
import { podRequest, reviewOf } from '../../fixtures/requests.ts'
import { until } from '../../rig/waiting.ts'
import { badRequests } from './badRequests.ts'
import { call, dial, openPort, rawReview, untilClosed } from './port.ts'
import { innards, isWell, logged } from './survival.ts'
import { startWebhook, type WebhookProcess } from './webhookProcess.ts'

let webhook: WebhookProcess
beforeAll(async () => {
  // As in a container: on a machine with much memory V8 would let garbage lie, and growth would say nothing.
  webhook = await startWebhook({ nodeFlags: ['--max-old-space-size=128'] })
  await webhook.untilReady()
})
afterAll(() => webhook[Symbol.asyncDispose]())

/** Sends text as it is; answers the status, and undefined where the connection was reset before the answer was read. */
async function say(what: string): Promise<{ readonly status: number | undefined; readonly text: string }> {
  const socket = await dial(webhook)
  const answer = untilClosed(socket)
  socket.write(what)
  const got = await answer
  const status = /^HTTP\/1.1 (\d{3}) /.exec(got)?.[1]
  return { status: status === undefined ? undefined : Number(status), text: got }
}

/** Opens a connection on which nothing is said. */
async function knock(): Promise<Socket> {
  const socket = connectPlain(webhook.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const inBatches = async (count: number, size: number, each: (at: number) => Promise<unknown>): Promise<void> => {
  for (let from = 0; from < count; from += size)
    await Promise.all(Array.from({ length: Math.min(size, count - from) }, (_, at) => each(from + at)))
}

const isRefused = async (options: ConnectionOptions): Promise<boolean> =>
  dial(webhook, options).then(
    (socket) => {
      socket.destroy()
      return false
    },
    () => true,
  )

describe('a bad request', () => {
  it.each(badRequests.map((each) => [each.row, each.what, each] as const))(
    '%i: %s',
    async (_row, _what, { status, send }) => {
      const before = webhook.log()
      const memory = webhook.rssMiB()
      const isRaw = typeof send === 'string'
      const answer = isRaw
        ? await say(send)
        : await call(webhook, send).catch(() => ({ status: undefined, text: '', headers: {} }))
      // Who still sends when it is refused may be reset before it has read the answer.
      if (answer.status !== undefined || !isRaw || send.length < 50_000) expect(answer.status, answer.text).toBe(status)
      expect(answer.text).not.toMatch(innards)
      if (status === 405 && 'headers' in answer) expect(answer.headers).toMatchObject({ allow: 'POST' })
      const lines = await logged(webhook, before, 1)
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatchObject({ webhook: 'mutate', outcome: status === 200 ? 'inject' : 'refused' })
      expect(webhook.rssMiB() - memory).toBeLessThan(16)
      await isWell(webhook)
    },
  )
})

describe('a client that misbehaves', () => {
  it('9: that announces more than it sends is cut', async () => {
    await using slow = await openPort({ limits: { headersMs: 300, requestMs: 300 } })
    const socket = await dial(slow)
    const answer = untilClosed(socket)
    socket.write(rawReview().slice(0, -10))
    expect(await answer).toMatch(/^HTTP\/1.1 408 /)
    expect((await call(slow)).status).toBe(200)
  })

  it('10: five hundred times at once, a letter at a time, is cut, and nobody else notices', async () => {
    await using slow = await openPort({ limits: { headersMs: 1_000, requestMs: 1_000 } })
    const sockets: TLSSocket[] = []
    await inBatches(500, 50, async () => sockets.push(await dial(slow)))
    const answers = sockets.map(untilClosed)
    for (const socket of sockets) socket.write('POST /mutate HTTP/1.1\r\nHo')
    const begin = performance.now()
    expect((await call(slow)).status).toBe(200)
    expect(performance.now() - begin).toBeLessThan(1_000)
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1.1 408 |^$/)
    expect((await call(slow)).status).toBe(200)
  })

  it('15: is not one with a good review of seven megabytes', async () => {
    const big = pod({}, {}, { note: 'x'.repeat(7 * 1024 * 1024) })
    expect((await call(webhook, { body: reviewOf(podRequest(big)) })).status).toBe(200)
  })

  it('17: that sends fifty requests without waiting is answered in their order', async () => {
    const uids = Array.from({ length: 50 }, (_, at) => `review-${at + 10}`)
    const requests = uids.map((uid, at) => {
      const body = reviewOf(podRequest(pod()))
        .toString()
        .replace(/"uid":"[^"]+"/, `"uid":"${uid}"`)
      const last = at === 49 ? 'Connection: close\r\n' : ''
      return `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${last}\r\n${body}`
    })
    const answers = await say(requests.join(''))
    expect([...answers.text.matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid)).toEqual(uids)
  })

  it('18: a thousand times by going in the middle of a body leaves no file open', async () => {
    const before = webhook.descriptors()
    const unfinished = rawReview().slice(0, -10)
    await inBatches(1_000, 50, async () => {
      const socket = await dial(webhook)
      await new Promise<void>((resolve) => socket.write(unfinished, () => resolve()))
      socket.destroy()
    })
    await until(() => webhook.descriptors() <= before + 5 || undefined, {
      what: 'the descriptors to be closed',
      timeoutMs: 5_000,
    })
    await isWell(webhook)
  })

  it('19: two thousand times by saying nothing makes room for those who speak', async () => {
    const sockets: TLSSocket[] = []
    await inBatches(2_000, 100, async () => sockets.push(await dial(webhook)))
    await isWell(webhook)
    const open = sockets.filter((socket) => !socket.destroyed && socket.readable).length
    expect(open).toBeLessThanOrEqual(1_000)
    expect(webhook.descriptors()).toBeLessThan(1_100)
    for (const socket of sockets) socket.destroy()
  })

  it('20: with plain HTTP is closed', async () => {
    const socket = await knock()
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket.resume(), 'close')
    await isWell(webhook)
  })

  it('21: with TLS 1.2 or older is refused', async () => {
    const old = { ciphers: 'DEFAULT@SECLEVEL=0', minVersion: 'TLSv1' } as const
    for (const maxVersion of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)
      expect(await isRefused({ ...old, maxVersion }), maxVersion).toBe(true)
    await isWell(webhook)
  })

  it('22: under any name, or none, is let in or refused, and ten thousand hellos of noise do no harm', async () => {
    for (const servername of ['', 'x'.repeat(250), 'kubernetes.default.svc', '\u0001']) {
      const options = { servername, rejectUnauthorized: false }
      await isRefused(options)
    }
    const makeNoise = (count: number): Promise<void> =>
      inBatches(count, 200, async (at) => {
        const socket = await knock()
        const noise = randomBytes(64)
        // Every other one looks like the beginning of a handshake.
        if (at % 2 === 0) noise.set([0x16, 3, 1, 0, 59, 1])
        socket.end(noise)
        await once(socket.resume(), 'close')
      })
    await makeNoise(5_000)
    const memory = webhook.rssMiB()
    await makeNoise(5_000)
    expect(webhook.rssMiB() - memory).toBeLessThan(32)
    await isWell(webhook)
  })

  it('23: that speaks HTTP/2 only is refused', async () => {
    expect(await isRefused({ ALPNProtocols: ['h2'] })).toBe(true)
    expect(await isRefused({ ALPNProtocols: ['h2', 'http/1.1'] })).toBe(false)
    await isWell(webhook)
  })

  it('24: gets no early data, and cannot negotiate again', async () => {
    const args = ['s_client', '-connect', `127.0.0.1:${webhook.port}`, '-tls1_3', '-ign_eof']
    const client = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'ignore'] })
    const told = text(client.stdout)
    client.stdin.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(await told).toMatch(/^ +Max Early Data: 0$/m)
    const socket = await dial(webhook)
    expect(socket.renegotiate({}, () => undefined)).not.toBe(true)
    socket.destroy()
    await isWell(webhook)
  })

  it('25: without the right certificate is refused before its body is read, where certificates are asked for', async () => {
    const clients = newAuthority('clients', new Date(Date.now() - 48 * 3_600_000))
    await using port = await openPort({ tls: { clientAuthorityPem: clients.certificatePem } })
    const ask = async (options: ConnectionOptions): Promise<string> => {
      const socket = await dial(port, options)
      const answer = untilClosed(socket)
      socket.write(rawReview('Connection: close\r\n'))
      return await answer
    }
    const pair = ({ certificatePem, keyPem }: ReturnType<typeof clientCertificate>): ConnectionOptions => ({
      cert: certificatePem,
      key: keyPem,
    })
    const [strange, wrongUse] = [clientCertificate(newAuthority('strange')), servingCertificate(clients)]
    const ended = endedClientCertificate(clients)
    for (const options of [{}, pair(strange), pair(wrongUse), pair(ended)]) expect(await ask(options)).toBe('')
    expect(port.answered).toHaveLength(0)
    expect(await ask(pair(clientCertificate(clients)))).toMatch(/^HTTP\/1.1 200 /)
  })

  it('26: a thousand times by not going on with the handshake is cut', async () => {
    await using port = await openPort({ limits: { handshakeMs: 500 } })
    const closed: Promise<unknown>[] = []
    await inBatches(1_000, 200, async () => {
      const socket = connectPlain(port.port, '127.0.0.1').on('error', () => undefined)
      await once(socket, 'connect')
      closed.push(once(socket.resume(), 'close'))
    })
    await Promise.all(closed)
    expect((await call(port)).status).toBe(200)
  })

  it('has never stalled the event loop for long', async () => {
    const lag = /nodejs_eventloop_lag_max_seconds ([\d.e+-]+)/.exec(await webhook.metrics())?.[1]
    expect(Number(lag)).toBeGreaterThan(0)
    // Parsing seven megabytes is the longest of all; the rest is for other programs on this machine.
    expect(Number(lag)).toBeLessThan(1)
  })
})
