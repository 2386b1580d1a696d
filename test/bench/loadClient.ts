// Sends one review over and over on some keep-alive connections, each as soon as its last answer is there.
//   node loadClient.ts PORT FILE CONNECTIONS SECONDS|COUNTn     prints one line of JSON: a `LoadReport`
// It writes ready-made bytes and looks only for the end of each answer: a core that is busy with the client is not the server's.
import { readFileSync } from 'node:fs'
import { connect } from 'node:tls'
import type { LoadReport } from './load.ts'

const [port = '', file = '', connections = '', extent = ''] = process.argv.slice(2)
const review = readFileSync(file)
const head = `POST /mutate?timeout=5s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: kube-apiserver-admission\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nContent-Length: ${review.length}\r\nAccept-Encoding: gzip\r\n\r\n`
const request = Buffer.concat([Buffer.from(head), review])

const wanted = extent.endsWith('n') ? Number(extent.slice(0, -1)) : Infinity
const lastsMs = extent.endsWith('n') ? Infinity : Number(extent) * 1000
const latenciesMs: number[] = []
let bad = 0
let sent = 0
const startedMs = performance.now()
const isOver = (): boolean => sent >= wanted || performance.now() - startedMs >= lastsMs

function worker(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false })
    socket.setNoDelay(true)
    let received = ''
    let begin = 0
    const next = (): void => {
      if (isOver()) {
        socket.end()
        resolve()
        return
      }
      sent++
      received = ''
      begin = performance.now()
      socket.write(request)
    }
    socket.setEncoding('latin1')
    socket.on('secureConnect', next)
    socket.on('error', reject)
    socket.on('data', (chunk: string) => {
      received += chunk
      const endOfHead = received.indexOf('\r\n\r\n')
      if (endOfHead < 0) return
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1])
      if (received.length < endOfHead + 4 + length) return
      latenciesMs.push(performance.now() - begin)
      if (!received.startsWith('HTTP/1.1 200') || !received.includes('"patch":"')) bad++
      next()
    })
  })
}

await Promise.all(Array.from({ length: Number(connections) }, worker))
const seconds = (performance.now() - startedMs) / 1000
latenciesMs.sort((one, other) => one - other)
const at = (part: number): number => latenciesMs[Math.floor(latenciesMs.length * part)] ?? NaN
const report: LoadReport = { answered: latenciesMs.length, bad, seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
console.log(JSON.stringify(report))
