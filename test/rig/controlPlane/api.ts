import { request } from 'node:https'
import { RigError } from '../rigError.ts'
import { until } from '../waiting.ts'
import type { ClientPair } from './credentials.ts'

/** The few calls the rig itself makes to an API server, as its admin. */
export interface Api {
  /** Answers an object, undefined when it or the server is not there. */
  readonly get: (path: string) => Promise<Record<string, unknown> | undefined>
  /** Creates an object under its collection's path. Throws `ApiRefused`. */
  readonly create: (collection: string, object: object) => Promise<void>
  readonly isReady: () => Promise<boolean>
}

interface Answer {
  readonly status: number
  readonly body: string
}

const callTimeoutMs = 5_000

export function apiClient(server: string, pair: ClientPair): Api {
  const call = (method: string, path: string, body?: object): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = body ? { 'content-type': 'application/json' } : {}
      const sent = request(
        new URL(path, server),
        { method, headers, timeout: callTimeoutMs, agent: false, ...pair },
        (answer) => {
          const pieces: Buffer[] = []
          answer.on('data', (piece: Buffer) => pieces.push(piece))
          answer.on('error', reject)
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(pieces).toString() }))
        },
      )
      sent.on('timeout', () => sent.destroy(new Error('the API server did not answer in time')))
      sent.on('error', reject)
      sent.end(body && JSON.stringify(body))
    })
  const answered = (path: string): Promise<Answer | undefined> => call('GET', path).catch(() => undefined)
  return {
    get: async (path) => {
      const answer = await answered(path)
      return answer?.status === 200 ? (JSON.parse(answer.body) as Record<string, unknown>) : undefined
    },
    create: async (collection, object) => {
      const { status, body } = await call('POST', collection, object)
      if (status !== 201) throw new RigError('ApiRefused', `POST ${collection}: ${status} ${body}`)
    },
    isReady: async () => (await answered('/readyz'))?.status === 200,
  }
}

/** Waits for what a namespace gets a moment after it is there, and without which its first pod is refused. */
export async function untilUsable(api: Api): Promise<void> {
  const paths = ['serviceaccounts/default', 'configmaps/kube-root-ca.crt']
  await Promise.all(
    paths.map((path) =>
      until(() => api.get(`/api/v1/namespaces/default/${path}`), { what: `default/${path}`, timeoutMs: 60_000 }),
    ),
  )
}
