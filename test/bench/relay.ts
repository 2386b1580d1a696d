// `node relay.ts FROM TO MS`: carries TCP from one port of loopback to another and holds every piece for MS on its way, both ways.
import { createServer, connect, type Socket } from 'node:net'

const [from = 0, to = 0, ms = 0] = process.argv.slice(2).map(Number)

const carry = (source: Socket, target: Socket): void => {
  source.setNoDelay(true)
  source.on('data', (piece) => setTimeout(() => target.write(piece), ms))
  source.on('close', () => setTimeout(() => target.destroy(), ms))
  source.on('error', () => undefined)
}
createServer((client) => {
  const server = connect(to, '127.0.0.1')
  carry(client, server)
  carry(server, client)
}).listen(from, '127.0.0.1')
