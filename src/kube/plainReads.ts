import { answerFailed, callFailed, readStatus, type Call } from './apiError.ts'
import type { Clock } from './clock.ts'
import type { Connection } from './connection.ts'
import { pathOf, queryOf } from './endpoint.ts'
import type { Ref } from './object.ts'
import { isRecord, readBody, readJson } from './responseBody.ts'
import { pods } from './resources.ts'
import { connectionFailed, createTransport } from './transport.ts'

/** What the API server answers that is no object. Throws `ApiError`. */
export interface PlainReads {
  /** `v1.36.3`, as the server says it. */
  serverVersion(): Promise<string>
  /** The last lines of a container's output. */
  log(pod: Ref, container: string, wish: { readonly previous: boolean; readonly lines: number }): Promise<string>
  close(): void
}

const deadlineMs = 15_000
const connectMs = 10_000
const longestBytes = 256 * 1024

export function createPlainReads(connection: Connection, clock: Clock): PlainReads {
  const transport = createTransport(connection, clock, connectMs)

  async function read(call: Call, path: string): Promise<string> {
    const controller = new AbortController()
    const late = callFailed(call, 'Timeout', `no answer within ${deadlineMs} ms`)
    const cancel = clock.after(deadlineMs, () => controller.abort(late))
    try {
      const headers = { Accept: 'application/json, */*' }
      const response = await transport.send(call, { method: 'GET', path, headers }, controller.signal)
      const body = await readBody(call, response, longestBytes)
      const status = response.statusCode ?? 0
      if (status === 200) return body
      throw answerFailed(call, status, readStatus(parsed(body)))
    } catch (error) {
      throw controller.signal.aborted ? late : connectionFailed(call, error)
    } finally {
      cancel()
    }
  }

  return {
    async serverVersion() {
      const resource = { group: '', version: 'v1', plural: 'version', kind: 'Version', namespaced: false }
      const call: Call = { verb: 'get', resource }
      const answer = readJson(call, await read(call, '/version'))
      const said = isRecord(answer) ? answer['gitVersion'] : undefined
      if (typeof said === 'string') return said
      throw callFailed(call, 'BadResponse', 'the answer names no version')
    },
    log(ref, container, { previous, lines }) {
      const call: Call = { verb: 'read the log of', resource: pods, ref }
      return read(call, pathOf(call, ref, 'log') + queryOf({ container, previous, tailLines: lines }))
    },
    close: () => transport.close(),
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
