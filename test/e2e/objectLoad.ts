import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { E2eCluster } from './cluster.ts'
import { mc, minioPodOf, root } from './minio.ts'

/** What a client saw that writes an encrypted object and reads one in turns, twenty requests a second. */
export interface Seen {
  readonly put: number
  readonly got: number
  /** One sentence for each request that was not answered as it must be. */
  readonly failed: readonly string[]
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly slowestMs: number
}

/** Writes and reads objects in a bucket that encrypts by itself, of the MinIO of a namespace, while something happens. */
export async function whileObjectsComeAndGo(
  cluster: E2eCluster,
  namespace: string,
  happens: () => Promise<void>,
): Promise<Seen> {
  const encrypted = `mc mb -q --ignore-existing it/load && mc encrypt set sse-kms ${namespace}_minio it/load`
  await mc(cluster, namespace, encrypted)
  const address = (await minioPodOf(cluster, namespace))?.status?.podIP ?? ''
  const [inNetwork = 'nsenter', ...prefix] = cluster.tier.inNetwork
  const program = join(import.meta.dirname, 'objectLoadProgram.ts')
  const child = spawn(inNetwork, [...prefix, process.execPath, program, address, 'load'], {
    env: { ...process.env, MINIO_USER: root.user, MINIO_PASSWORD: root.password },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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
