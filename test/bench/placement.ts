// `npm run bench:placement [-- --rounds N --seconds N --workers N]`: one KES for two MinIO (placement Service) beside one KES in each
// (placement Sidecar), as processes on loopback: real MinIO, real KES v0.24.0 before a store of files.
//
// Rounds alternate, and a ratio is taken within its round. Everything shares this machine, so the one thing that a cluster adds, the way
// between two nodes, is played by a relay that holds every packet back; what it costs itself is in its figures.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { openWorkshop, rssMiB, type Running } from './kmsPrograms.ts'
import { s3, type S3 } from './s3.ts'
import { figure, median, table } from './table.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '4' },
    workers: { type: 'string', default: '8' },
  },
})
const [rounds, seconds, workers] = [Number(values.rounds), Number(values.seconds), Number(values.workers)]
const body = Buffer.alloc(4096, 'x')
const delaysMs = [0, 1]
/** Few, so that all are there before the first is read. */
const objectsEach = 20

interface Setup {
  readonly name: string
  readonly kes: readonly Running[]
  readonly minios: readonly S3[]
  readonly puts: Report[]
  readonly gets: Report[]
}

interface Report {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Workers that each wait for their answer before they ask again; each MinIO has as many. */
async function load(
  { minios }: Setup,
  forMs: number,
  call: (minio: S3, path: string) => Promise<void>,
): Promise<Report> {
  const took: number[] = []
  const endMs = performance.now() + forMs
  const work = async (worker: number): Promise<void> => {
    const minio = minios[worker % minios.length]
    if (!minio) return
    for (let at = 0; performance.now() < endMs; at = (at + 1) % objectsEach) {
      const begin = performance.now()
      await call(minio, `/bucket/${worker}-${at}`)
      took.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  const sorted = took.sort((one, other) => one - other)
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? NaN
  return { perSecond: (took.length * 1000) / forMs, p50Ms: at(0.5), p99Ms: at(0.99) }
}

const put = async (minio: S3, path: string): Promise<void> => {
  const said = (await minio.put(path, body))['x-amz-server-side-encryption']
  if (said !== 'aws:kms') throw new Error(`an object was stored without KMS: ${String(said)}`)
}
const get = async (minio: S3, path: string): Promise<void> => {
  await minio.get(path)
}

console.log(`${new Date().toISOString()}, ${availableParallelism()} cores, ${workers} workers, 4 KiB objects`)
console.log(`load of the machine before: ${readFileSync('/proc/loadavg', 'utf8').trim()}`)
await using workshop = await openWorkshop()

const setups: Setup[] = []
const add = async (name: string, kes: readonly Running[], ports: readonly number[]): Promise<void> => {
  const minios: S3[] = []
  for (const port of ports) minios.push(s3(await workshop.minio(port)))
  setups.push({ name, kes, minios, puts: [], gets: [] })
}
const service = await workshop.kes()
for (const ms of delaysMs) {
  const port = ms === 0 ? service.port : (await workshop.relay(service.port, ms)).port
  await add(ms === 0 ? 'Service' : `Service, ${2 * ms} ms away and back`, [service], [port, port])
}
const sidecars = [await workshop.kes(), await workshop.kes()]
await add(
  'Sidecar',
  sidecars,
  sidecars.map(({ port }) => port),
)

const freshMiB = rssMiB(service)
for (const setup of setups) await load(setup, 5_000, put)
for (let round = 0; round < rounds; round++) {
  for (let at = 0; at < setups.length; at++) {
    const setup = setups[(at + round) % setups.length]
    if (!setup) continue
    setup.puts.push(await load(setup, seconds * 1000, put))
    setup.gets.push(await load(setup, seconds * 1000, get))
  }
}

const [base] = setups
const ratio = (own: readonly Report[], of: readonly Report[] = []): string =>
  median(own.map(({ perSecond }, round) => perSecond / (of[round]?.perSecond ?? NaN))).toFixed(2)
const cells = (own: readonly Report[], of?: readonly Report[]): readonly string[] => [
  figure(own.map(({ perSecond }) => perSecond)),
  ratio(own, of),
  `${median(own.map(({ p50Ms }) => p50Ms)).toFixed(1)} / ${median(own.map(({ p99Ms }) => p99Ms)).toFixed(1)}`,
]
console.log(
  table(
    ['placement', 'PUT/s', 'x Service', 'p50 / p99 ms', 'GET/s', 'x Service', 'p50 / p99 ms', 'KES, RSS each MiB'],
    setups.map(({ name, kes, puts, gets }) => [
      name,
      ...cells(puts, base?.puts),
      ...cells(gets, base?.gets),
      kes.map((each) => rssMiB(each).toFixed(0)).join(', '),
    ]),
  ),
)
console.log(`a KES that nobody has called yet: ${freshMiB.toFixed(0)} MiB`)
console.log(`load of the machine after: ${readFileSync('/proc/loadavg', 'utf8').trim()}`)
for (const { minios } of setups) for (const minio of minios) minio.close()
