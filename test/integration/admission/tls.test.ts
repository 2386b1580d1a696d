import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { clientCertificate, newAuthority, servingCertificate } from '../../fixtures/certificates.ts'
import { reviewItself } from '../../../src/admission/warmUp.ts'
import { authority, call, dial, openPort, rawReview, untilClosed, type Port } from './port.ts'

const failed = (port: Port, options: object): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: port.port,
      ca: authority.certificatePem,
      servername: 'localhost',
      ...options,
    })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.on('secureConnect', () => {
      socket.destroy()
      reject(new Error('the handshake succeeded'))
    })
  })

describe('TLS at the admission port', () => {
  it('takes 1.3 and nothing older unless told', async () => {
    await using port = await openPort()
    expect(await failed(port, { maxVersion: 'TLSv1.2' })).toMatch(/ALERT|VERSION|ECONNRESET/)
    await using older = await openPort({ tls: { minVersion: 'TLSv1.2' } })
    const socket = await dial(older, { maxVersion: 'TLSv1.2' })
    expect(socket.getProtocol()).toBe('TLSv1.2')
    socket.destroy()
    expect(
      await failed(older, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }),
    ).toBeTruthy()
  })

  it('speaks HTTP/1.1 only', async () => {
    await using port = await openPort()
    expect(await failed(port, { ALPNProtocols: ['h2'] })).toMatch(/ALERT|PROTOCOL|ECONNRESET/)
    const socket = await dial(port, { ALPNProtocols: ['h2', 'http/1.1'] })
    expect(socket.alpnProtocol).toBe('http/1.1')
    socket.destroy()
  })

  it('closes on plain HTTP and on garbage, and lives', async () => {
    await using port = await openPort()
    for (const text of ['GET / HTTP/1.1\r\n\r\n', '\u0000'.repeat(1000), '\u0016\u0003\u0001\u00ff\u00ff']) {
      const socket = connectPlain(port.port, '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      socket.end(text)
      await once(socket.resume(), 'close')
    }
    expect((await call(port)).status).toBe(200)
  })

  it('cuts handshakes that do not go on', async () => {
    await using port = await openPort({ limits: { handshakeMs: 200 } })
    const sockets = Array.from({ length: 100 }, () => connectPlain(port.port, '127.0.0.1').on('error', () => undefined))
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
    expect((await call(port)).status).toBe(200)
  })

  it('lets in only clients of the authority where one is set', async () => {
    const clients = newAuthority('clients')
    const [known, strange, server] = [
      clientCertificate(clients),
      clientCertificate(authority),
      servingCertificate(clients),
    ]
    await using port = await openPort({ tls: { clientAuthorityPem: clients.certificatePem } })
    const ask = async (certificate?: typeof known): Promise<string> => {
      const socket = await dial(port, certificate ? { cert: certificate.certificatePem, key: certificate.keyPem } : {})
      const answer = untilClosed(socket)
      socket.write(rawReview('Connection: close\r\n'))
      return await answer
    }
    for (const refused of [undefined, strange, server]) expect(await ask(refused)).toBe('')
    expect(port.answered).toHaveLength(0)
    expect(await ask(known)).toMatch(/^HTTP\/1.1 200 /)
    port.server.exchangeCertificate(servingCertificate(authority))
    expect(await ask(strange)).toBe('')
    expect(await ask(known)).toMatch(/^HTTP\/1.1 200 /)
  })
})

describe('another certificate', () => {
  it('comes under load without one lost request, and with every option of the first', async () => {
    await using port = await openPort()
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const [shown, failures] = [new Set<string>(), [] as unknown[]]
    let stop = false
    const worker = async (): Promise<void> => {
      while (!stop) {
        try {
          const { status, fingerprint } = await call(port, { agent })
          if (status !== 200) failures.push(status)
          shown.add(fingerprint)
        } catch (error) {
          failures.push(error)
        }
      }
    }
    const workers = Array.from({ length: 8 }, worker)
    const fingerprints = [port.certificate.fingerprint]
    for (let at = 0; at < 10; at++) {
      const next = servingCertificate(authority)
      fingerprints.push(next.fingerprint)
      const before = port.answered.length
      port.server.exchangeCertificate(next)
      // Everybody has heard "close" and come again.
      while (port.answered.length < before + 40) await call(port)
    }
    stop = true
    await Promise.all(workers)
    expect(failures).toEqual([])
    expect(shown.has(fingerprints.at(-1) ?? '')).toBe(true)
    expect([...shown].every((each) => fingerprints.includes(each))).toBe(true)
    expect(await failed(port, { maxVersion: 'TLSv1.2' })).toMatch(/ALERT|VERSION|ECONNRESET/)
    agent.destroy()
  })

  it('asks old connections to close with their next answer, once', async () => {
    await using port = await openPort()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await call(port, { agent })).headers['connection']).toBe('keep-alive')
    const next = servingCertificate(authority)
    port.server.exchangeCertificate(next)
    const last = await call(port, { agent })
    expect(last).toMatchObject({ status: 200, reused: true, fingerprint: port.certificate.fingerprint })
    expect(last.headers['connection']).toBe('close')
    const fresh = await call(port, { agent })
    expect(fresh).toMatchObject({ status: 200, reused: false, fingerprint: next.fingerprint })
    expect(fresh.headers['connection']).toBe('keep-alive')
    agent.destroy()
  })

  it('that does not fit is refused, and the old one stays', async () => {
    await using port = await openPort()
    const mixed = { ...servingCertificate(authority), keyPem: servingCertificate(authority).keyPem }
    expect(() => port.server.exchangeCertificate(mixed)).toThrow()
    expect((await call(port)).fingerprint).toBe(port.certificate.fingerprint)
  })
})

describe('reviewing itself', () => {
  it('finds nothing wrong with a port that serves', async () => {
    await using port = await openPort()
    const { fingerprint } = port.certificate
    expect(await reviewItself({ port: port.port, fingerprint, uid: 'own', timeoutMs: 5_000 })).toBeUndefined()
  })

  it('notices another certificate and a closed port', async () => {
    const port = await openPort()
    expect(await reviewItself({ port: port.port, fingerprint: 'x', uid: 'own', timeoutMs: 5_000 })).toMatch(
      /another certificate/,
    )
    await port[Symbol.asyncDispose]()
    expect(await reviewItself({ port: port.port, fingerprint: 'x', uid: 'own', timeoutMs: 5_000 })).toMatch(
      /does not answer/,
    )
  })
})
