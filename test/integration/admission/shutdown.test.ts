import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { describe, expect, it } from 'vitest'
import { shutdown } from '../../../src/admission/shutdown.ts'
import { call, dial, openPort, rawReview, untilClosed } from './port.ts'

describe('shutting down', () => {
  it('loses no request of clients that come again when they are asked to', async () => {
    const port = await openPort()
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    const failures: unknown[] = []
    let served = 0
    let closed = false
    const worker = async (): Promise<void> => {
      while (!closed) {
        try {
          const { status } = await call(port, { agent })
          if (status === 200) served++
          else failures.push(status)
        } catch (error) {
          // After its grace the port takes no connections; by then API servers have been told.
          if ((error as NodeJS.ErrnoException).syscall === 'connect') return
          failures.push(error)
        }
      }
    }
    const workers = Array.from({ length: 4 }, worker)
    while (served < 20) await call(port)
    await shutdown(port.server, { graceMs: 300, hardStopMs: 5_000 })
    closed = true
    await Promise.all(workers)
    expect(failures).toEqual([])
    agent.destroy()
  })

  it('asks every client to close while it still serves', async () => {
    await using port = await openPort()
    port.server.drain()
    const { status, headers } = await call(port)
    expect(status).toBe(200)
    expect(headers['connection']).toBe('close')
  })

  it('finishes what is in flight before it ends', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const port = await openPort({ hold: () => held })
    const socket = await dial(port)
    const answer = untilClosed(socket)
    socket.write(rawReview())
    const closing = port.server.close(10_000)
    release()
    await closing
    expect(await answer).toMatch(/^HTTP\/1.1 200 /)
  })

  it('cuts what does not end: requests in flight, idle connections, unfinished handshakes', async () => {
    const port = await openPort({ hold: () => new Promise(() => undefined) })
    const stuck = await dial(port)
    const answer = untilClosed(stuck)
    stuck.write(rawReview())
    const half = connectPlain(port.port, '127.0.0.1').on('error', () => undefined)
    await once(half, 'connect')
    await port.server.close(100)
    expect(await answer).toBe('')
  })
})
