import { systemClock } from '../../src/kube/clock.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { pods } from '../../src/kube/resources.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { minioPod } from './objects.ts'

/** What became of one creation that was tried and not stored. */
export interface Creation {
  /** When it was sent, by `performance.now`. */
  readonly atMs: number
  /** What the API server said where it refused. */
  readonly refused?: string
  /** Whether the pod would have been stored with the five variables. */
  readonly isConnected: boolean
}

interface Answer {
  readonly message?: string
  readonly spec?: { readonly containers?: readonly { readonly env?: readonly unknown[] }[] }
}

const longestMs = 10_000

/**
 * Creates MinIO pods in dry-run, so many a second until it is ended. Paced by the clock and not by the answers: while one hangs the
 * next are sent all the same. Nothing is tried again.
 */
export function startCreations(
  kubeconfig: string,
  namespace: string,
  perSecond: number,
): { readonly end: () => Promise<readonly Creation[]> } {
  const transport = createTransport(loadConnection({ kubeconfig }), systemClock, longestMs)
  const body = JSON.stringify(minioPod(namespace, 'tried'))
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }

  async function tryOne(): Promise<Creation> {
    const atMs = performance.now()
    try {
      const call = { verb: 'create', resource: pods }
      const answer = await transport.send(call, { method: 'POST', path, headers, body }, AbortSignal.timeout(longestMs))
      const pieces: Buffer[] = []
      for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece)
      const { message = 'no message', spec } = JSON.parse(Buffer.concat(pieces).toString()) as Answer
      if (answer.statusCode !== 201)
        return { atMs, refused: `${String(answer.statusCode)}: ${message}`, isConnected: false }
      return { atMs, isConnected: spec?.containers?.[0]?.env?.length === 5 }
    } catch (error) {
      return { atMs, refused: String(error), isConnected: false }
    }
  }

  const beganMs = performance.now()
  const all: Promise<Creation>[] = []
  const timer = setInterval(
    () => {
      while (all.length < ((performance.now() - beganMs) * perSecond) / 1_000) all.push(tryOne())
    },
    Math.min(20, 500 / perSecond),
  )
  return {
    end: async () => {
      clearInterval(timer)
      const creations = await Promise.all(all)
      transport.close()
      return creations
    },
  }
}
