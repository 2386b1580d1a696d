import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

// Writes an encrypted object and reads one, in turns, twenty requests a second, until SIGTERM; then says what it saw. Nothing is tried
// again: a request has one connection, one deadline, and one chance. Arguments: address, bucket; the user stands in the environment.
const [, , address = '', bucket = ''] = process.argv
const { MINIO_USER: user = '', MINIO_PASSWORD: password = '' } = process.env
const port = 9_000
const everyMs = 50
const deadlineMs = 10_000

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The headers of a request that is signed as S3 asks (AWS Signature Version 4), its body left out of the signature. */
function signed(method: string, path: string): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`
  const headers: Record<string, string> = {
    host: `${address}:${port}`,
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': time,
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const asked = [method, path, '', lines.join(''), names, 'UNSIGNED-PAYLOAD'].join('\n')
  const [day = '', ...rest] = scope.split('/')
  const key = rest.reduce(hmac as (key: Buffer, part: string) => Buffer, hmac(`AWS4${password}`, day))
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(asked)].join('\n')).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${user}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...headers, authorization }
}

/** Answers what went wrong, or undefined. */
function ask(method: 'PUT' | 'GET', name: string, text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const path = `/${bucket}/${name}`
    const headers = { ...signed(method, path), ...(method === 'PUT' ? { 'content-length': String(text.length) } : {}) }
    const deadline = setTimeout(() => outgoing.destroy(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs)
    const end = (problem: string | undefined): void => {
      clearTimeout(deadline)
      resolve(problem && `${method} ${name}: ${problem}`)
    }
    const outgoing = request({ host: address, port, method, path, headers, agent: false }, (incoming) => {
      let said = ''
      incoming.on('data', (piece: Buffer) => (said += piece.toString()))
      incoming.on('error', (error) => end(error.message))
      incoming.on('end', () => {
        if (incoming.statusCode !== 200) end(`${incoming.statusCode}: ${said.slice(0, 300)}`)
        else if (method === 'GET' && said !== text) end('another text')
        else if (method === 'PUT' && incoming.headers['x-amz-server-side-encryption'] !== 'aws:kms')
          end('it was not encrypted')
        else end(undefined)
      })
    })
    outgoing.on('error', (error) => end(error.message))
    outgoing.end(method === 'PUT' ? text : undefined)
  })
}

const failed: string[] = []
const durationsMs: number[] = []
const counts = { PUT: 0, GET: 0 }
const written: number[] = []

async function one(turn: number): Promise<void> {
  const method = turn % 2 === 0 ? 'PUT' : 'GET'
  // What is read was written two seconds ago, and where that failed, earlier.
  const at = method === 'PUT' ? turn : (written.findLast((each) => each <= turn - 40) ?? 0)
  const startedMs = performance.now()
  const problem = await ask(method, `object-${at}`, `written in turn ${at}`)
  durationsMs.push(performance.now() - startedMs)
  if (problem === undefined) counts[method]++
  if (problem === undefined && method === 'PUT') written.push(turn)
  if (problem !== undefined) failed.push(`${new Date().toISOString()} ${problem}`)
}

const end = new AbortController()
process.on('SIGTERM', () => end.abort())
const running = new Set<Promise<void>>()
const beganMs = performance.now()
await one(0)
for (let turn = 1; !end.signal.aborted; turn++) {
  const call = one(turn)
  running.add(call)
  void call.then(() => running.delete(call))
  // Paced by the clock and not by the answers: a slow answer does not make the load lighter.
  await delay(Math.max(0, beganMs + turn * everyMs - performance.now()))
}
await Promise.all(running)
durationsMs.sort((one, other) => one - other)
const part = (fraction: number): number => Math.round(durationsMs[Math.floor(durationsMs.length * fraction)] ?? 0)
process.stdout.write(
  JSON.stringify({
    put: counts.PUT,
    got: counts.GET,
    failed,
    seconds: Math.round((performance.now() - beganMs) / 1000),
    p50Ms: part(0.5),
    p99Ms: part(0.99),
    slowestMs: Math.round(durationsMs.at(-1) ?? 0),
  }),
)
