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
    const tooLarge = (): Refusal => new Refusal('TooLarge', `a body may have ${mostBytes} bytes`)
    const declared = Number(request.headers['content-length'] ?? 0)
    if (declared > mostBytes) {
      reject(tooLarge())
      return
    }
    const chunks: Buffer[] = []
    let bytes = 0
    const stop = (): void => {
      request.off('data', take).off('end', finish).off('close', gone)
    }
    const take = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes <= mostBytes) {
        chunks.push(chunk)
        return
      }
      stop()
      chunks.length = 0
      reject(tooLarge())
    }
    const finish = (): void => {
      stop()
      const [first] = chunks
      // Most reviews come in one piece, and copying it would cost more than deciding about it.
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks, bytes))
    }
    const gone = (): void => {
      stop()
      reject(new ClientGone('the client went away'))
    }
    request.on('data', take).on('end', finish).on('close', gone)
    request.on('error', ignore)
  })
}

// An aborted request emits an error as well; `close` follows and says enough.
const ignore = (): void => undefined
