import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import { date, number, readAnswer, record, text, type Answer } from './answers.ts'
import { dial, type ConnectionOptions } from './dial.ts'
import { connectionFailure, failureOf } from './failure.ts'
import { isIdentity } from './identity.ts'
import { KesError } from './kesError.ts'

/** One call that a stateful KES was asked, as its audit log tells it. */
export interface AuditedCall {
  readonly at: Date
  readonly identity: string
  readonly path: string
  /** Where it came from; undefined where KES does not say. */
  readonly ip: string | undefined
  /** HTTP status of the answer. */
  readonly code: number
}

export interface AuditLogOptions extends Omit<ConnectionOptions, 'timeoutMs'> {
  /** Without a line for so long the stream counts as broken: every MinIO says something each 10 s (facts: KES E). */
  readonly idleMs: number
  readonly signal: AbortSignal
}

/** Longer than any line KES writes: paths have 80 characters of a name. */
const longestLine = 4096

/**
 * Follows `/v1/log/audit` of a stateful KES as the enclave's administrator, from now on. Over HTTP/1.1: over HTTP/2 the stream goes
 * silent after a while (facts: operator measured 2).
 *
 * Resolves when the signal is aborted; rejects with KesError when the stream ends, breaks or falls silent. Lines that cannot be read
 * are left out: they tell nothing.
 */
export async function followAuditLog(options: AuditLogOptions, onCall: (call: AuditedCall) => void): Promise<void> {
  const { origin, agent, lookup } = dial({ ...options, timeoutMs: options.idleMs })
  const { signal, idleMs } = options
  try {
    const stream = await opened(`${origin}/v1/log/audit`, { agent, ...lookup, signal }, idleMs)
    stream.setTimeout(idleMs, () => stream.destroy(new KesError('Timeout', `no audit line for ${idleMs} ms`)))
    for await (const line of createInterface({ input: stream })) {
      const call = line.length <= longestLine ? callOf(line) : undefined
      if (call) onCall(call)
    }
    throw new KesError('Unreachable', 'KES ended the audit log')
  } catch (error) {
    if (signal.aborted) return
    throw error instanceof Error ? connectionFailure(error) : error
  } finally {
    agent.destroy()
  }
}

/** KES sends the head of its answer with the first line, so there may be none for as long as there is no line. */
function opened(url: string, options: object, idleMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, options)
    const deadline = setTimeout(
      () => outgoing.destroy(new KesError('Timeout', `no audit line for ${idleMs} ms`)),
      idleMs,
    )
    outgoing.on('error', (error) => {
      clearTimeout(deadline)
      reject(error)
    })
    outgoing.on('response', (incoming) => {
      clearTimeout(deadline)
      if (incoming.statusCode === 200) resolve(incoming)
      else {
        incoming.destroy()
        reject(failureOf(incoming.statusCode ?? 0, Buffer.alloc(0)))
      }
    })
    outgoing.end()
  })
}

function callOf(line: string): AuditedCall | undefined {
  try {
    const entry = readAnswer(Buffer.from(line))
    const asked = record(entry, 'request')
    const identity = text(asked, 'identity')
    if (!isIdentity(identity)) return undefined
    return {
      at: date(entry, 'time'),
      identity,
      path: text(asked, 'path'),
      ip: ipOf(asked),
      code: number(record(entry, 'response'), 'code'),
    }
  } catch (error) {
    if (error instanceof KesError) return undefined
    throw error
  }
}

const ipOf = (asked: Answer): string | undefined => (typeof asked['ip'] === 'string' ? asked['ip'] : undefined)
