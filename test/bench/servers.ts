import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newAuthority, servingCertificate } from '../fixtures/certificates.ts'
import { hasOwnMounts } from '../integration/admission/podMounts.ts'
import { cpuMsOf, startWebhook } from '../integration/admission/webhookProcess.ts'
import { cached } from '../rig/cache.ts'
import { freePorts } from '../rig/freePort.ts'
import { buildGo, goRecipeHash, inFolder } from '../rig/programs/build.ts'
import type { GoRecipe } from '../rig/programs/recipes.ts'
import { until } from '../rig/waiting.ts'
import { onCore } from './cores.ts'

/** A webhook to be measured, serving on loopback. */
export interface Server extends AsyncDisposable {
  readonly name: string
  readonly pid: number
  readonly port: number
  /** When it was started, by `performance.now`. */
  readonly startedMs: number
  readonly cpuMs: () => number
  readonly rssMiB: () => number
  /** Resolves when it says that it is ready; only of servers that say so. */
  readonly whenReady?: () => Promise<void>
}

/** Starts a server; it need not answer yet. */
export type Start = () => Promise<Server>

const rssMiBOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** Whether ours finds the API server as in a pod, which takes no kubeconfig and no reader of such. */
export const isInPod = hasOwnMounts()

/** Our bundle as the image runs it: access log to a file, metrics on. */
export const ours =
  (bundle: string, nodeFlags: readonly string[]): Start =>
  async () => {
    const webhook = await startWebhook({ program: bundle, nodeFlags, prefix: onCore('server', []), isInPod })
    return {
      ...webhook,
      name: 'ours',
      whenReady: webhook.untilReady,
      [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
    }
  }

/** A program that is told `PORT tls.crt tls.key`. */
const floor =
  (name: string, command: readonly string[], address: (port: number) => string): Start =>
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kes-injector-floor-'))
    const { certificatePem, keyPem } = servingCertificate(newAuthority())
    const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
    writeFileSync(certificate, certificatePem)
    writeFileSync(key, keyPem, { mode: 0o600 })
    const [port = 0] = await freePorts(1)
    const [program = '', ...args] = onCore('server', [...command, address(port), certificate, key])
    const startedMs = performance.now()
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const ended = once(child, 'exit')
    const pid = child.pid ?? 0
    return {
      name,
      pid,
      port,
      startedMs,
      cpuMs: () => cpuMsOf(pid),
      rssMiB: () => rssMiBOf(pid),
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGKILL')
        await ended
        rmSync(folder, { recursive: true })
      },
    }
  }

export const nodeFloor: Start = floor(
  'Node floor',
  [process.execPath, join(import.meta.dirname, 'floors/node.ts')],
  String,
)

const goRecipe: GoRecipe = {
  from: 'go',
  module: join(import.meta.dirname, 'floors/go'),
  package: '.',
  version: 'local',
}

/** Builds the floor for Go, once into the rig's cache. */
export async function goFloor(): Promise<Start> {
  const folder = await cached('programs', `bench-floor-${goRecipeHash(goRecipe)}`, (into) =>
    buildGo(goRecipe, inFolder(into, 'floor')),
  )
  return floor('Go floor', [join(folder, 'floor')], (port) => `127.0.0.1:${port}`)
}

/** One review on a connection of its own; answers whether it was answered with a patch. */
export function askOnce({ port }: Pick<Server, 'port'>, review: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path: '/mutate?timeout=5s',
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        headers: { 'Content-Type': 'application/json', 'Content-Length': review.length },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve(response.statusCode === 200 && text.includes('"patch":"')))
      },
    )
    call.on('error', () => resolve(false))
    call.end(review)
  })
}

/** Asks until there is a good answer; answers how long after its start that was. */
export async function untilAnswering(server: Server, review: Buffer): Promise<number> {
  await until(async () => (await askOnce(server, review)) || undefined, {
    what: `a good answer of ${server.name}`,
    timeoutMs: 30_000,
    everyMs: 2,
  })
  return performance.now() - server.startedMs
}
