import { createServer, type AddressInfo, type Socket } from 'node:net'
import { PassThrough, Readable, Writable } from 'node:stream'
import { Attach, Exec, PortForward, type V1Status } from '@kubernetes/client-node'
import { callFailed, isApiError, type ApiErrorCode, type Call } from './apiError.ts'
import { loadKubeConfig, type ConnectionSource } from './kubeConfig.ts'
import { pods } from './resources.ts'

/** One container of a running pod. */
export interface ContainerRef {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

export interface ExecOptions {
  /** What the command may write to standard output; more ends the call with `BadResponse`. */
  readonly limitBytes: number
  readonly signal?: AbortSignal
  /** Told of each piece of standard output. */
  readonly onBytes?: (bytes: number) => void
}

/** How a command ended, and all that it wrote. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** A port of a pod that can be dialled on this machine until it is closed. */
export interface Forwarding {
  readonly address: '127.0.0.1'
  readonly port: number
  readonly close: () => void
}

/**
 * What is streamed to and from pods, over WebSockets through the API server, with the rights of whoever owns the
 * kubeconfig. Only the command line uses it: the controller has no such right. Every method throws `ApiError`.
 */
export interface PodStreams {
  exec(ref: ContainerRef, command: readonly string[], options: ExecOptions): Promise<Ended>
  /** Writes bytes to the standard input of a container's own process, and waits until the stream ends. */
  attach(ref: ContainerRef, input: Buffer, options: { readonly signal?: AbortSignal }): Promise<void>
  forward(ref: Omit<ContainerRef, 'container'>, port: number): Promise<Forwarding>
}

/** What we use of a WebSocket (WHATWG); client-node's own type needs a package of types that we have not. */
interface WebSocketOpen {
  readonly readyState: number
  readonly OPEN: number
  readonly bufferedAmount: number
  onclose: (() => void) | null
  close(): void
}

export function openPodStreams(source: ConnectionSource = {}): PodStreams {
  const { config } = loadKubeConfig(source)

  return {
    async exec({ namespace, pod, container }, command, { limitBytes, signal, onBytes }) {
      const call: Call = { verb: 'exec in', resource: pods, ref: { namespace, name: pod } }
      const [stdout, stderr] = [gather(limitBytes, onBytes), gather(64 * 1024)]
      let status: V1Status | undefined
      const socket = await opened(call, () =>
        new Exec(config).exec(namespace, pod, container, [...command], stdout, stderr, null, false, (said) => {
          status = said
        }),
      )
      await closed(call, socket, signal)
      if (stdout.isOver()) throw callFailed(call, 'BadResponse', `it wrote more than ${limitBytes} bytes`)
      if (status === undefined) throw callFailed(call, 'ConnectionFailed', 'the connection broke off before it ended')
      return { exitCode: exitCodeOf(call, status), stdout: stdout.bytes(), stderr: stderr.bytes().toString('utf8') }
    },
    async attach({ namespace, pod, container }, input, { signal }) {
      const call: Call = { verb: 'attach to', resource: pods, ref: { namespace, name: pod } }
      const ignored = gather(64 * 1024)
      // It stays open behind the bytes: its end would close the connection under them where the server is an older one.
      const stdin = new PassThrough()
      const socket = await opened(call, () =>
        new Attach(config).attach(namespace, pod, container, ignored, ignored, stdin, false),
      )
      for await (const piece of piecesOf(input)) {
        stdin.write(piece)
        await drained(socket)
      }
      await closed(call, socket, signal)
    },
    async forward({ namespace, pod }, port) {
      const call: Call = { verb: 'forward a port of', resource: pods, ref: { namespace, name: pod } }
      const sockets = new Set<Socket>()
      const server = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => socket.destroy())
        opened(call, () => new PortForward(config).portForward(namespace, pod, [port], socket, null, socket)).then(
          (remote) => {
            remote.onclose = () => socket.destroy()
            socket.on('close', () => remote.close())
          },
          () => socket.destroy(),
        )
      })
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      }).catch((cause: unknown) => {
        throw callFailed(call, 'ConnectionFailed', 'no port of this machine is free', { cause })
      })
      return {
        address: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        close: () => {
          server.close()
          for (const socket of sockets) socket.destroy()
        },
      }
    },
  }
}

const pieceBytes = 32 * 1024

const piecesOf = (input: Buffer): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < input.length; at += pieceBytes) yield input.subarray(at, at + pieceBytes)
    })(),
  )

/** A stream into memory, up to a limit. */
function gather(limitBytes: number, onBytes: (bytes: number) => void = () => undefined) {
  const chunks: Buffer[] = []
  let size = 0
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size <= limitBytes) chunks.push(chunk)
      onBytes(chunk.length)
      done()
    },
  })
  return Object.assign(stream, { bytes: () => Buffer.concat(chunks), isOver: () => size > limitBytes })
}

/** Opens a WebSocket; what the API server answers in its place becomes the error. */
async function opened(call: Call, open: () => Promise<unknown>): Promise<WebSocketOpen> {
  try {
    return (await open()) as WebSocketOpen
  } catch (error) {
    if (isApiError(error)) throw error
    const said = error !== null && typeof error === 'object' && 'message' in error ? String(error.message) : ''
    const [, status] = /Unexpected server response: (\d{3})/.exec(said) ?? []
    throw callFailed(call, codeOf(status), status ?? 'no connection')
  }
}

const codes: Readonly<Record<string, ApiErrorCode>> = {
  '400': 'Invalid',
  '401': 'Unauthorized',
  '403': 'Forbidden',
  '404': 'NotFound',
}

const codeOf = (status: string | undefined): ApiErrorCode => (status && codes[status]) || 'ConnectionFailed'

/** Waits until the connection has ended; an aborted signal ends it with `Aborted`. */
function closed(call: Call, socket: WebSocketOpen, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.close()
      reject(callFailed(call, 'Aborted', 'given up by the caller'))
    }
    socket.onclose = () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    if (socket.readyState > socket.OPEN) resolve()
    else if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Waits until little is left that was not sent yet: the socket itself knows no limit. */
async function drained(socket: WebSocketOpen): Promise<void> {
  while (socket.readyState === socket.OPEN && socket.bufferedAmount > 1024 * 1024)
    await new Promise((resolve) => setTimeout(resolve, 10))
}

/** What the API server says at the end of a command (remotecommand v4 protocol: a `Status` whose causes hold the exit code). */
function exitCodeOf(call: Call, { status, reason, details, message }: V1Status): number {
  if (status === 'Success') return 0
  const code = Number(details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message)
  if (reason === 'NonZeroExitCode' && Number.isInteger(code)) return code
  throw callFailed(call, 'ServerError', (message ?? 'the command did not run').slice(0, 512).replace(/\p{Cc}+/gu, ' '))
}
