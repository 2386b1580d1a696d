import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/** The client went away in the middle of its request: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/**
 * Reads a request's body. Rejects with `TooLarge` as soon as it is known to be, having kept none of it that is not
 * needed, and with `ClientGone`.
 */
export function readBody(request: IncomingMessage, mostBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => reject(new Refusal('TooLarge', `a body may have ${mostBytes} bytes`))
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
      const [first] = chunks
      // Most reviews come in one piece, and copying it would cost more than deciding about it.
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks))
    })
    request.on('close', () => {
      if (!request.readableEnded) reject(new ClientGone('the client went away'))
    })
    request.on('error', ignore)
  })
}

// An aborted request emits an error as well; `close` follows and says enough.
const ignore = (): void => undefined
