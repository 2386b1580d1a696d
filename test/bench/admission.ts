// `npm run bench:admission [-- --rounds N --requests N --no-go --flags=--max-semi-space-size=4,…]`: ours beside the floors.
//
// Rounds alternate between the servers, and a ratio is taken within its round: on a machine that others use too, only ratios
// of one run mean anything. CPU is what the kernel charged to all threads of the server. The last line is the verdict.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pinning } from './cores.ts'
import { load, type LoadReport } from './load.ts'
import { bundle } from './bundle.ts'
import { askOnce, goFloor, isInPod, nodeFloor, ours, untilAnswering, type Server, type Start } from './servers.ts'
import { figure, median, table } from './table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    requests: { type: 'string', default: '3000' },
    starts: { type: 'string', default: '5' },
    soak: { type: 'string', default: '100000' },
    // As in the Dockerfile's entrypoint.
    flags: { type: 'string', default: '--max-semi-space-size=4' },
    'no-go': { type: 'boolean', default: false },
  },
})
const [rounds, requests, starts, soak] = [values.rounds, values.requests, values.starts, values.soak].map(Number) as [
  number,
  number,
  number,
  number,
]
const connections = 8
// Enough for the compiler to have done its work on every path.
const warmUp = 15_000
const file = join(import.meta.dirname, '../fuzz/reviews/pod-of-statefulset.review')
const review = readFileSync(file)

interface Measured {
  readonly server: Server
  readonly freshMiB: number
  readonly cpuMicros: number[]
  readonly reports: LoadReport[]
}

const send = (server: Server, count: number): Promise<LoadReport> =>
  load({ port: server.port, review: file, connections, extent: { count } })

async function measure({ server, cpuMicros, reports }: Measured, count: number): Promise<void> {
  const before = server.cpuMs()
  const report = await send(server, count)
  if (report.bad > 0) throw new Error(`${server.name}: ${report.bad} bad answers`)
  cpuMicros.push(((server.cpuMs() - before) * 1000) / report.answered)
  reports.push(report)
}

async function startUp(start: Start): Promise<readonly [Server, number]> {
  const server = await start()
  return [server, await untilAnswering(server, review)]
}

console.log(`${new Date().toISOString()}, Node ${process.version}, ${pinning}, review of ${review.length} bytes`)
console.log(
  `ours finds the API server ${isInPod ? 'as in a pod' : 'by a kubeconfig, whose reader costs 30 MiB: no unshare'}`,
)
console.log(`load of the machine before: ${readFileSync('/proc/loadavg', 'utf8').trim()}`)
const program = await bundle()
const flags = values.flags === '' ? [] : values.flags.split(',')
const kinds: readonly Start[] = [nodeFloor, ours(program, flags), ...(values['no-go'] ? [] : [await goFloor()])]

const startMs: Record<string, number[]> = {}
const firstMs: Record<string, number[]> = {}
for (let round = 0; round < starts; round++) {
  for (const start of kinds) {
    const [server, ms] = await startUp(start)
    ;(startMs[server.name] ??= []).push(ms)
    if (server.whenReady) {
      // What the API server meets first: a process that has said that it is ready.
      await server.whenReady()
      const begin = performance.now()
      await askOnce(server, review)
      ;(firstMs[server.name] ??= []).push(performance.now() - begin)
    }
    await server[Symbol.asyncDispose]()
  }
}

const measured: Measured[] = []
for (const start of kinds) {
  const [server] = await startUp(start)
  measured.push({ server, freshMiB: server.rssMiB(), cpuMicros: [], reports: [] })
}
for (const { server } of measured) await send(server, warmUp)
for (let round = 0; round < rounds; round++) {
  for (let at = 0; at < measured.length; at++) {
    const each = measured[(at + round) % measured.length]
    if (each) await measure(each, requests)
  }
}

const floor = measured[0]
const ratioOf = ({ cpuMicros }: Measured): number =>
  median(cpuMicros.map((micros, round) => micros / (floor?.cpuMicros[round] ?? NaN)))
console.log(
  table(
    [
      'server',
      'CPU us per review',
      'x Node floor',
      'reviews/s',
      'p50 ms',
      'p99 ms',
      'RSS fresh -> after MiB',
      'first good answer ms',
    ],
    measured.map((each) => [
      each.server.name,
      figure(each.cpuMicros),
      ratioOf(each).toFixed(2),
      median(each.reports.map(({ answered, seconds }) => answered / seconds)).toFixed(0),
      median(each.reports.map(({ p50Ms }) => p50Ms)).toFixed(2),
      median(each.reports.map(({ p99Ms }) => p99Ms)).toFixed(2),
      `${each.freshMiB.toFixed(0)} -> ${each.server.rssMiB().toFixed(0)}`,
      figure(startMs[each.server.name] ?? []),
    ]),
  ),
)
console.log(`first request after ready, with its handshake: ${figure(firstMs['ours'] ?? [])} ms`)

const own = measured.find(({ server }) => server.name === 'ours')
if (own) {
  const memory: string[] = []
  for (let sent = 0; sent < soak; sent += 20_000) {
    await send(own.server, Math.min(20_000, soak - sent))
    memory.push(own.server.rssMiB().toFixed(0))
  }
  console.log(`RSS over ${soak} more reviews, each 20000, MiB: ${memory.join(', ')}`)
}
for (const { server } of measured) await server[Symbol.asyncDispose]()
console.log(`load of the machine after: ${readFileSync('/proc/loadavg', 'utf8').trim()}`)
console.log('pepr and other products are left out')
console.log(`ours/floor CPU ratio ${own ? ratioOf(own).toFixed(2) : 'unknown'}`)
