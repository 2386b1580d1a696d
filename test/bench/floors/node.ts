// The floor for Node: node:https, JSON.parse, operations written by hand, JSON.stringify. No log, no metrics, no validation.
//   node node.ts PORT tls.crt tls.key
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

interface Named {
  readonly name: string
}
interface Review {
  readonly apiVersion: string
  readonly kind: string
  readonly request: {
    readonly uid: string
    readonly object: { readonly spec: { readonly containers: readonly (Named & { readonly env: readonly Named[] })[] } }
  }
}

const files = '/run/kes-injector'
const variables = Object.entries({
  MINIO_KMS_KES_ENDPOINT: 'https://kes-default.kes-system.svc:7373',
  MINIO_KMS_KES_KEY_NAME: 'team-a_minio',
  MINIO_KMS_KES_CERT_FILE: `${files}/tls.crt`,
  MINIO_KMS_KES_KEY_FILE: `${files}/tls.key`,
  MINIO_KMS_KES_CAPATH: `${files}/ca.crt`,
}).map(([name, value]) => ({ name, value }))
const mount = { name: 'kes-injector', mountPath: files, readOnly: true }
const items = ['tls.crt', 'tls.key', 'ca.crt'].map((key) => ({ key, path: key }))
const volume = {
  name: 'kes-injector',
  projected: { defaultMode: 0o440, sources: [{ secret: { name: 'kes-client', items } }] },
}

function plan({ spec: { containers } }: Review['request']['object']): unknown[] {
  const index = containers.findIndex(({ name }) => name === 'minio')
  const container = containers[index]
  if (!container) return []
  const there = new Set(container.env.map(({ name }) => name))
  const operations: unknown[] = [
    { op: 'add', path: '/spec/volumes/-', value: volume },
    { op: 'add', path: `/spec/containers/${index}/volumeMounts/-`, value: mount },
  ]
  for (const [at, variable] of variables.entries()) {
    if (!there.has(variable.name))
      operations.push({ op: 'add', path: `/spec/containers/${index}/env/${at}`, value: variable })
  }
  return operations
}

function answer(body: string): string {
  const { apiVersion, kind, request } = JSON.parse(body) as Review
  const patch = Buffer.from(JSON.stringify(plan(request.object))).toString('base64')
  return JSON.stringify({
    apiVersion,
    kind,
    response: { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch },
  })
}

const [port = '', certificate = '', key = ''] = process.argv.slice(2)
const server = createServer(
  { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.3', keepAliveTimeout: 120_000 },
  (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = answer(Buffer.concat(chunks).toString())
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
      response.end(text)
    })
  },
)
server.listen(Number(port), '127.0.0.1')
