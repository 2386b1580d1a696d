import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Connections } from '../../../src/admission/connections.ts'

const open = (connections: Connections): Socket => {
  const socket = new Socket()
  connections.opened(socket)
  return socket
}

describe('the connections of a server', () => {
  it('make room by closing the one that is idle the longest', () => {
    const connections = new Connections(3)
    const [busy, used, idle] = [open(connections), open(connections), open(connections)]
    connections.begins(busy)
    connections.begins(used)
    connections.ends(used)
    const fresh = open(connections)
    expect([busy, used, idle, fresh].map(({ destroyed }) => destroyed)).toEqual([false, false, true, false])
    expect(connections.count).toBe(3)
  })

  it('never close one that has a request in flight', () => {
    const connections = new Connections(1)
    const busy = open(connections)
    connections.begins(busy)
    open(connections)
    expect(busy.destroyed).toBe(false)
  })

  it('count several requests on one', () => {
    const connections = new Connections(1)
    const busy = open(connections)
    connections.begins(busy)
    connections.begins(busy)
    connections.ends(busy)
    open(connections)
    expect(busy.destroyed).toBe(false)
  })

  it('are forgotten when they are closed', async () => {
    const connections = new Connections(3)
    const socket = open(connections)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.destroy()
    await closed
    expect(connections.count).toBe(0)
    connections.begins(socket)
    connections.ends(socket)
    expect(connections.count).toBe(0)
  })

  it('know whether they are older than the certificate', () => {
    const connections = new Connections(3)
    const before = open(connections)
    connections.newGeneration()
    const after = open(connections)
    expect([before, after].map((socket) => connections.isOld(socket))).toEqual([true, false])
  })
})
