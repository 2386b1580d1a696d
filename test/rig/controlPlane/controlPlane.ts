import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../freePort.ts'
import { stopOnInterrupt } from '../interrupt.ts'
import { identify } from '../processIdentity.ts'
import { ensurePrograms } from '../programs/programs.ts'
import { controlPlanePrograms } from '../programs/recipes.ts'
import { silent, type Report } from '../report.ts'
import { claimFolder, removeRig, writeState, type RigState } from '../rigFolder.ts'
import { toolsFor, type Tools } from '../tools.ts'
import { until } from '../waiting.ts'
import { apiClient, untilUsable } from './api.ts'
import { auditFiles } from './audit.ts'
import { writeCredentials } from './credentials.ts'
import { apiServer, controllerManager, etcd, scheduler, type Daemon, type Place } from './daemons.ts'

export interface ControlPlaneOptions {
  readonly name?: string
  readonly report?: Report
  /** An audit.k8s.io/v1 Policy; none: all requests at level Metadata. */
  readonly auditPolicy?: object
  readonly apiServerFlags?: readonly string[]
}

/** A control plane without a node: objects are admitted, stored, defaulted and collected, but no pod runs. */
export interface ControlPlane extends Tools {
  readonly name: string
  readonly folder: string
  /** `https://127.0.0.1:PORT` */
  readonly server: string
  /** Of a member of `system:masters`. */
  readonly kubeconfig: string
  readonly auditLog: string
  readonly logFolder: string
  readonly stop: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

const serviceRange = '10.96.0.0/16'
const readyTimeoutMs = 60_000

/**
 * Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler on loopback, as any user of a Linux machine, and answers
 * when the namespace `default` can be used. Several run side by side. They end with `stop`, with this process, or with the next start.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { report = silent, name = `control-plane-${process.pid}-${Math.random().toString(36).slice(2, 8)}` } = options
  const programs = await ensurePrograms(controlPlanePrograms, report)
  const [folder, first] = await claimFolder({ kind: 'controlPlane', name, keep: false }, 'kubeconfig')
  const stop = async (): Promise<void> => {
    forget()
    await removeRig(folder)
  }
  const forget = stopOnInterrupt(stop)
  try {
    const logFolder = join(folder, 'log')
    mkdirSync(logFolder)
    const credentials = await writeCredentials(join(folder, 'pki'))
    const [api, etcdPort, etcdPeer] = (await freePorts(3)) as [number, number, number]
    const ports = { api, etcd: etcdPort, etcdPeer }
    const server = `https://127.0.0.1:${api}`
    const place: Place = { programs, credentials, ports, serviceRange, etcdFolder: join(folder, 'etcd') }
    for (const client of ['kube-controller-manager', 'kube-scheduler']) {
      writeFileSync(credentials.path(`${client}.kubeconfig`), credentials.kubeconfig(client, server), { mode: 0o600 })
    }
    writeFileSync(first.kubeconfig, credentials.kubeconfig('admin', server), { mode: 0o600 })
    const { auditPolicyFile, auditLog } = auditFiles(folder, options.auditPolicy)
    const extraFlags = options.apiServerFlags ?? []

    let state: RigState = first
    const start = (daemon: Daemon): ChildProcess => {
      const child = startDaemon(daemon, join(logFolder, `${daemon.name}.log`))
      const known = identify(child.pid ?? 0)
      if (known) state = { ...state, processes: [...state.processes, known] }
      writeState(folder, state)
      return child
    }
    const database = start(etcd(place))
    const serving = start(apiServer(place, { auditPolicyFile, auditLog, extraFlags }))
    const calls = apiClient(server, credentials.pem('admin'))
    await until(async () => (await calls.isReady()) || undefined, {
      what: 'kube-apiserver to be ready',
      timeoutMs: readyTimeoutMs,
      hopeless: () => ended(database, 'etcd', logFolder) ?? ended(serving, 'kube-apiserver', logFolder),
    })
    report(`kube-apiserver ready at ${server}`)
    start(controllerManager(place))
    start(scheduler(place))
    await untilUsable(calls)
    writeState(folder, { ...state, ready: true })
    report('namespace default usable')
    const tools = toolsFor({ programs, kubeconfig: first.kubeconfig, folder })
    const { kubeconfig } = first
    return { ...tools, name, folder, server, kubeconfig, auditLog, logFolder, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function startDaemon({ program, args }: Daemon, log: string): ChildProcess {
  const output = openSync(log, 'a')
  // setpriv(1): the kernel ends it with us, even when we are killed. Detached: Ctrl-C is ours to handle.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.unref()
  return child
}

function ended(child: ChildProcess, name: string, logFolder: string): string | undefined {
  if (child.exitCode === null && child.signalCode === null) return undefined
  const log = readFileSync(join(logFolder, `${name}.log`), 'utf8')
  return `${name} ended:\n${log.trimEnd().split('\n').slice(-8).join('\n')}`
}
