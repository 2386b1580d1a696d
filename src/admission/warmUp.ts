import { request } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { ContextSource } from './contextSource.ts'
import { createHandler, type Handler } from './handler.ts'
import { reviewPath } from './route.ts'

/** Enough for the engine to compile what a review runs through; a few tens of milliseconds. */
const rounds = 200
const releaseNamespace = 'warm-up'
const sidecarImage = { image: 'kes', pullPolicy: 'IfNotPresent' } as const

const warmNamespace = { name: 'warm-up', labels: {}, annotations: {} }
const warmSource: ContextSource = {
  namespace: () => Promise.resolve(warmNamespace),
  keyServer: (name) => Promise.resolve({ name, spec: { keyPrefix: '{namespace}_', namespaces: { selector: {} } } }),
  ready: () => true,
}

/** Decides about made-up objects, so that the first caller does not wait for the compiler. Touches nothing. */
export async function warmUp(
  handler: Handler = createHandler({ source: warmSource, releaseNamespace, sidecarImage }),
): Promise<void> {
  const bodies = [podReview(), tenantReview()]
  for (let round = 0; round < rounds; round++) for (const body of bodies) await handler(body)
}

export interface SelfReview {
  readonly port: number
  /** Fingerprint that the port must show: lower-case hex SHA-256 of the leaf. */
  readonly fingerprint: string
  /** Uid of the review: the access log leaves out the one that it is told is our own. */
  readonly uid: string
  readonly timeoutMs: number
  readonly host?: string
}

/**
 * Asks the own port for a review as the API server would: handshake, HTTP, parsing, answer. Resolves with undefined, or
 * with what is wrong. The review is of a request that is nobody's, so nothing of the cluster is looked up.
 */
export function reviewItself({
  port,
  fingerprint,
  uid,
  timeoutMs,
  host = '127.0.0.1',
}: SelfReview): Promise<string | undefined> {
  const body = review(uid, { operation: 'CONNECT', object: null })
  return new Promise((resolve) => {
    const call = request(
      {
        host,
        port,
        path: reviewPath,
        method: 'POST',
        agent: false,
        timeout: timeoutMs,
        headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
        // The authority is not known here. The certificate is: it must be the one that was loaded.
        rejectUnauthorized: false,
      },
      (response) => {
        const { socket } = response
        const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined
        if (shown?.replaceAll(':', '').toLowerCase() !== fingerprint) {
          resolve('the port shows another certificate than the one that was loaded')
          response.destroy()
          return
        }
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('error', () => resolve('the answer to a review of ours broke off'))
        response.on('end', () =>
          resolve(isGoodAnswer(text, uid) ? undefined : `a review of ours was answered ${response.statusCode}`),
        )
      },
    )
    call.on('timeout', () => call.destroy(new Error('timeout')))
    call.on('error', () => resolve('the port does not answer a review of ours'))
    call.end(body)
  })
}

function isGoodAnswer(text: string, uid: string): boolean {
  try {
    const { response } = JSON.parse(text) as {
      readonly response?: { readonly uid?: unknown; readonly allowed?: unknown }
    }
    return response?.uid === uid && response.allowed === true
  } catch {
    return false
  }
}

const review = (uid: string, request: Readonly<Record<string, unknown>>): Buffer =>
  Buffer.from(
    JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid, ...request } }),
  )

const settings = Array.from({ length: 20 }, (_, at) => ({ name: `MINIO_SETTING_${at}`, value: `value ${at}` }))

function podReview(): Buffer {
  const container = {
    name: 'minio',
    image: 'minio',
    env: settings,
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  }
  return review('warm-up', {
    operation: 'CREATE',
    namespace: warmNamespace.name,
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    object: {
      kind: 'Pod',
      metadata: { name: 'minio-0' },
      spec: { containers: [container], volumes: [{ name: 'data', emptyDir: {} }] },
    },
  })
}

function tenantReview(): Buffer {
  return review('warm-up', {
    operation: 'CREATE',
    namespace: warmNamespace.name,
    kind: { group: 'minio.min.io', version: 'v2', kind: 'Tenant' },
    resource: { group: 'minio.min.io', version: 'v2', resource: 'tenants' },
    object: { kind: 'Tenant', metadata: { name: 'minio' }, spec: { pools: [{ name: 'pool-0' }], env: settings } },
  })
}
