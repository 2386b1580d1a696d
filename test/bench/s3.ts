import { createHash, createHmac } from 'node:crypto'
import { Agent, request, type IncomingHttpHeaders } from 'node:http'

/** One MinIO, as somebody who has its root credentials calls it. */
export interface S3 {
  readonly put: (path: string, body: Buffer) => Promise<IncomingHttpHeaders>
  readonly get: (path: string) => Promise<IncomingHttpHeaders>
  readonly close: () => void
}

export interface S3Address {
  readonly port: number
  readonly user: string
  readonly password: string
}

const region = 'us-east-1'
const unsigned = 'UNSIGNED-PAYLOAD'
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Header fields of a signed request (AWS Signature Version 4). Paths hold letters, digits, `-` and `/` only: nothing is escaped. */
export function signed(
  method: string,
  path: string,
  { port, user, password }: S3Address,
  now: Date,
): Readonly<Record<string, string>> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const fields = { host: `127.0.0.1:${port}`, 'x-amz-content-sha256': unsigned, 'x-amz-date': time }
  const names = Object.keys(fields).join(';')
  const lines = Object.entries(fields).map(([name, value]) => `${name}:${value}\n`)
  const canonical = [method, path, '', lines.join(''), names, unsigned].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const hash = createHash('sha256').update(canonical).digest('hex')
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${password}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, hash].join('\n')).toString('hex')
  const credential = `${user}/${scope}`
  return {
    ...fields,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

/** Connections stay open, as an SDK keeps them. Whatever is not answered 200 is an error. */
export function s3(address: S3Address): S3 {
  const agent = new Agent({ keepAlive: true })
  const send = (method: string, path: string, body?: Buffer): Promise<IncomingHttpHeaders> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...signed(method, path, address, new Date()),
        ...(body ? { 'content-length': body.length } : {}),
      }
      const call = request({ host: '127.0.0.1', port: address.port, method, path, agent, headers }, (response) => {
        response.resume()
        response.on('error', reject)
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(response.headers)
            : reject(new Error(`${method} ${path}: ${response.statusCode}`)),
        )
      })
      call.on('error', reject)
      call.end(body)
    })
  return {
    put: (path, body) => send('PUT', path, body),
    get: (path) => send('GET', path),
    close: () => agent.destroy(),
  }
}
