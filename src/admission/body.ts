import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

export interface BodyTaker {
  whole(body: Buffer): void
  refused(refusal: Refusal): void
}

/**
 * Reads a request's body and calls one of the two, once: `refused` with `TooLarge` as soon as that is known, having kept
 * nothing that is not needed. Calls neither where the client goes away before: there is nobody to answer.
 */
export function readBody(request: IncomingMessage, mostBytes: number, taker: BodyTaker): void {
  const refuse = (): void => taker.refused(new Refusal('TooLarge', `a body may have ${mostBytes} bytes`))
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) {
    refuse()
    return
  }
  let chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= mostBytes) {
      chunks.push(chunk)
      return
    }
    chunks = []
    if (bytes - chunk.length <= mostBytes) refuse()
  })
  request.on('end', () => {
    if (bytes > mostBytes) return
    const [first] = chunks
    // Most reviews come in one piece, and copying it would cost more than deciding about it.
    taker.whole(first && chunks.length === 1 ? first : Buffer.concat(chunks))
  })
  // An aborted request emits an error, which would end the process if nobody listened.
  request.on('error', ignore)
}

const ignore = (): void => undefined
