import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newAuthority, servingCertificate } from '../../fixtures/certificates.ts'
import { freePorts } from '../../rig/freePort.ts'
import { until } from '../../rig/waiting.ts'
import { inPod } from './podMounts.ts'
import { startQuietApiServer } from './quietApiServer.ts'

const source = join(import.meta.dirname, '../../../src/main.ts')

/** `kes-injector webhook` as a process of its own, with all it needs around it. */
export interface WebhookProcess extends AsyncDisposable {
  readonly pid: number
  readonly port: number
  /** PEM of whoever signed the port's certificate. */
  readonly authorityPem: string
  readonly isRunning: () => boolean
  /** When it was started, by `performance.now`. */
  readonly startedMs: number
  /** Paths of single objects that it asked the API server for. */
  readonly reads: readonly string[]
  /** What it has logged so far. */
  readonly log: () => string
  readonly rssMiB: () => number
  readonly descriptors: () => number
  /** Processor time so far. */
  readonly cpuMs: () => number
  /** The text exposition of its metrics. */
  readonly metrics: () => Promise<string>
  readonly untilReady: () => Promise<void>
  /** SIGTERM; answers the exit code when it is gone. Only for one that has become ready. */
  readonly stop: () => Promise<number | null>
}

export interface WebhookOptions {
  /** The program; the unbuilt one unless told. */
  readonly program?: string
  /** Flags of Node. */
  readonly nodeFlags?: readonly string[]
  readonly namespaces?: readonly string[]
  /** Words before the command, `taskset -c 0` for instance; they must become it (exec). */
  readonly prefix?: readonly string[]
  /** With a service account where the kubelet puts it; else with a kubeconfig. Takes mounts of its own (podMounts.ts). */
  readonly isInPod?: boolean
}

export async function startWebhook(options: WebhookOptions = {}): Promise<WebhookProcess> {
  const { program = source, nodeFlags = [], namespaces = ['team-a'], prefix = [], isInPod = false } = options
  const folder = mkdtempSync(join(tmpdir(), 'kes-injector-webhook-'))
  const apiServer = await startQuietApiServer(namespaces)
  const authority = newAuthority()
  const { certificatePem, keyPem } = servingCertificate(authority)
  writeFileSync(join(folder, 'tls.crt'), certificatePem)
  writeFileSync(join(folder, 'tls.key'), keyPem, { mode: 0o600 })
  writeFileSync(join(folder, 'kubeconfig'), apiServer.kubeconfig, { mode: 0o600 })
  const { prefix: ofPod, environment } = isInPod
    ? inPod(apiServer, folder)
    : { prefix: [], environment: { KUBECONFIG: join(folder, 'kubeconfig') } }
  const [port = 0, healthPort = 0] = await freePorts(2)
  const output = openSync(join(folder, 'log'), 'a')
  const flags = ['--release-namespace=kes-system', `--certificate-directory=${folder}`, '--drain-seconds=0']
  const ports = [`--port=${port}`, `--health-port=${healthPort}`]
  const [command = '', ...args] = [
    ...prefix,
    ...ofPod,
    process.execPath,
    ...nodeFlags,
    program,
    'webhook',
    ...flags,
    ...ports,
  ]
  const startedMs = performance.now()
  const child = spawn(command, args, {
    env: { ...process.env, KUBECONFIG: undefined, ...environment },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const ended = once(child, 'exit')
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const pid = child.pid ?? 0
  const log = (): string => readFileSync(join(folder, 'log'), 'utf8')
  const health = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${healthPort}${path}`)

  return {
    pid,
    port,
    authorityPem: authority.certificatePem,
    isRunning: () => !hasEnded(),
    startedMs,
    reads: apiServer.reads,
    log,
    rssMiB: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    cpuMs: () => cpuMsOf(pid),
    metrics: async () => (await health('/metrics')).text(),
    untilReady: async () => {
      await until(async () => ((await health('/readyz').catch(() => undefined))?.ok ? true : undefined), {
        what: 'the webhook to be ready',
        timeoutMs: 20_000,
        everyMs: 20,
        hopeless: () => (hasEnded() ? `it ended: ${log()}` : undefined),
      })
    },
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      return child.exitCode
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
      await apiServer[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

/** What the kernel has charged to all threads that the process has now: `schedstat` (proc(5)), to the nanosecond. */
export const cpuMsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0)
