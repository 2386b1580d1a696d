import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { E2eCluster } from './cluster.ts'
import { mc, minioPodOf } from './minio.ts'

/** What a client that reads one encrypted object twenty times a second saw. */
export interface Seen {
  readonly answered: number
  readonly failed: number
  /** The longest time between two answers that were the object. */
  readonly longestPauseMs: number
  readonly slowestMs: number
}

/** Reads an object of the MinIO of a namespace while something happens. */
export async function whileReading(
  cluster: E2eCluster,
  namespace: string,
  object: string,
  happens: () => Promise<void>,
): Promise<Seen> {
  const shared = await mc(cluster, namespace, `mc share download --json it/bucket/${object}`)
  const { share } = JSON.parse(shared) as { readonly share: string }
  const address = (await minioPodOf(cluster, namespace))?.status?.podIP ?? ''
  const [inNetwork = 'nsenter', ...prefix] = cluster.tier.inNetwork
  const child = spawn(
    inNetwork,
    [...prefix, process.execPath, join(import.meta.dirname, 'getLoadProgram.ts'), share, address],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
  const ended = new Promise((resolve) => child.on('close', resolve))
  try {
    await happens()
  } finally {
    child.kill('SIGTERM')
    await ended
  }
  return JSON.parse(said) as Seen
}
