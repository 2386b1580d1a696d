import { systemClock } from '../../src/kube/clock.ts'
import { loadConnection } from '../../src/kube/connection.ts'
import { pods } from '../../src/kube/resources.ts'
import { createTransport } from '../../src/kube/transport.ts'
import { minioPod } from './objects.ts'

/** What became of a stream of creations that are tried and not stored. */
export interface StreamResult {
  readonly created: number
  /** One sentence for each that was not answered as it must be. */
  readonly failed: readonly string[]
}

interface DryRunAnswer {
  readonly message?: string
  readonly spec?: { readonly containers?: readonly { readonly env?: readonly unknown[] }[] }
}

const everyMs = 40
const longestMs = 10_000

/** Creates MinIO pods in dry-run, one after the other at a steady pace, until it is ended. */
export function startDryRuns(kubeconfig: string, namespace: string): { readonly end: () => Promise<StreamResult> } {
  const transport = createTransport(loadConnection({ kubeconfig }), systemClock, longestMs)
  const failed: string[] = []
  let created = 0
  const ending = new AbortController()
  const body = JSON.stringify(minioPod(namespace, 'tried'))
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }

  const tryOne = async (): Promise<void> => {
    const call = { verb: 'create', resource: pods }
    const answer = await transport.send(call, { method: 'POST', path, headers, body }, AbortSignal.timeout(longestMs))
    const pieces: Buffer[] = []
    for await (const piece of answer as AsyncIterable<Buffer>) pieces.push(piece)
    const parsed = JSON.parse(Buffer.concat(pieces).toString()) as DryRunAnswer
    if (answer.statusCode !== 201) failed.push(`${String(answer.statusCode)}: ${parsed.message ?? 'no message'}`)
    else if (parsed.spec?.containers?.[0]?.env?.length !== 5) failed.push('it was not connected')
    else created++
  }
  const all = (async () => {
    while (!ending.signal.aborted) {
      const nextMs = performance.now() + everyMs
      await tryOne().catch((error: unknown) => failed.push(String(error)))
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())))
    }
  })()
  return {
    end: async () => {
      ending.abort()
      await all
      transport.close()
      return { created, failed }
    },
  }
}
