import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AgentState } from './agent.ts'

/** An agent that has not looked for this long hangs: a restart may cure it. */
const longestMs = 60_000

export interface StateServer {
  readonly port: number
  close(): Promise<void>
}

/** What the agent says of itself: 503 where it hangs. */
export function answerOf(
  { lookedAt, told }: AgentState,
  startedAt: number,
  now: number,
): { readonly status: 200 | 503; readonly body: object } {
  const fine = now - (lookedAt ?? startedAt) < longestMs
  return {
    status: fine ? 200 : 503,
    body: { status: fine ? 'ok' : 'failing', lookedAt: lookedAt && new Date(lookedAt).toISOString(), told },
  }
}

/** `/healthz` over plain HTTP: for the kubelet, and for people. Nothing it says is secret. */
export async function startStateServer(state: () => AgentState, port: number, host?: string): Promise<StateServer> {
  const startedAt = Date.now()
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const { status, body } =
      request.url === '/healthz'
        ? answerOf(state(), startedAt, Date.now())
        : { status: 404, body: { error: 'NotFound' } }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
