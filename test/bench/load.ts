import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onCore } from './cores.ts'

/** What a load client saw. */
export interface LoadReport {
  readonly answered: number
  /** Answers that were no 200 with a patch. */
  readonly bad: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Load {
  readonly port: number
  /** File with the review to send. */
  readonly review: string
  readonly connections: number
  /** How long, or how many. */
  readonly extent: { readonly seconds: number } | { readonly count: number }
}

const client = join(import.meta.dirname, 'loadClient.ts')

/** Runs the load client in a process of its own, on the client's core. */
export async function load({ port, review, connections, extent }: Load): Promise<LoadReport> {
  const length = 'seconds' in extent ? String(extent.seconds) : `${extent.count}n`
  const [command = '', ...args] = onCore('client', [
    process.execPath,
    client,
    String(port),
    review,
    String(connections),
    length,
  ])
  const { stdout } = await promisify(execFile)(command, args)
  return JSON.parse(stdout) as LoadReport
}
