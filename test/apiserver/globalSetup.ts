import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openCluster, releaseNamespace, type ClusterAccess } from '../fixtures/clusterAccess.ts'
import { tenantCrd } from '../fixtures/tenantCrd.ts'
import { startControlPlane } from '../rig/controlPlane/controlPlane.ts'
import { freePorts } from '../rig/freePort.ts'
import { timed, toTerminal } from '../rig/report.ts'
import { until } from '../rig/waiting.ts'
import { keepRunning, untilReady } from './keptRunning.ts'
import { loopbackChart } from './loopbackChart.ts'
import { mountSecret } from './secretMount.ts'
import type {} from './server.ts'

const program = join(import.meta.dirname, '../../src/main.ts')

const stops: (() => void | Promise<void>)[] = []

/**
 * Starts what all tests of the tier share: a control plane, the chart installed by the real Helm, and the real controller and webhook
 * as processes of this machine, each with the token of its ServiceAccount and so with no more rights than the chart gives it.
 * No pod runs here: the chart's own Deployments stay Pending.
 */
export async function setup({ provide }: TestProject): Promise<void> {
  const report = timed((line) => toTerminal(`apiserver tier ${line}`))
  try {
    await start(provide, report)
  } catch (error) {
    await teardown()
    throw error
  }
}

/** Ends everything that `setup` started, the latest first. */
export async function teardown(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop()
}

async function start(provide: TestProject['provide'], report: (line: string) => void): Promise<void> {
  const controlPlane = await startControlPlane()
  stops.push(controlPlane.stop)
  report('control plane ready')
  const { kubeconfig, folder, auditLog, server } = controlPlane
  const address = { kubeconfig, folder, auditLog }
  const access = openCluster(address)
  stops.push(() => access.client.close())

  const [port = 0, webhookHealth = 0, controllerHealth = 0] = await freePorts(3)
  const chart = loopbackChart(join(folder, 'chart'), port)
  await access.apply([tenantCrd])
  await access.helm(['install', 'kes-injector', chart, '-n', releaseNamespace, '--create-namespace'])
  report('chart installed')

  const controller = keepRunning({
    name: 'controller',
    folder,
    healthPort: controllerHealth,
    environment: { KUBECONFIG: await kubeconfigOf(access, address.kubeconfig, folder, 'kes-injector-controller') },
    command: [
      process.execPath,
      program,
      'controller',
      ...flags({
        'release-namespace': releaseNamespace,
        'pod-name': 'controller-of-the-test',
        'stateful-image': 'never-run',
        'agent-image': 'never-run',
        'health-port': controllerHealth,
      }),
    ],
  })
  stops.push(controller.stop)

  const certificates = join(folder, 'webhook-tls')
  stops.push(
    mountSecret(access.client, { namespace: releaseNamespace, name: 'kes-injector-webhook-tls' }, certificates),
  )
  // The kubelet starts a container only after all that it mounts is there.
  await until(() => existsSync(join(certificates, 'tls.crt')) || undefined, {
    what: `the webhook's certificate (see ${controller.kept.log})`,
    timeoutMs: 30_000,
  })
  report('serving certificate issued')
  const webhook = keepRunning({
    name: 'webhook',
    folder,
    healthPort: webhookHealth,
    environment: { KUBECONFIG: await kubeconfigOf(access, address.kubeconfig, folder, 'kes-injector-webhook') },
    command: [
      process.execPath,
      program,
      'webhook',
      ...flags({
        'release-namespace': releaseNamespace,
        'certificate-directory': certificates,
        'certificate-poll-seconds': 1,
        port,
        'health-port': webhookHealth,
      }),
    ],
  })
  stops.push(webhook.stop)
  await untilReady(webhook.kept)
  report('webhook ready')
  provide('apiServer', {
    ...address,
    server,
    chart,
    webhookPort: port,
    webhook: webhook.kept,
    controller: controller.kept,
  })
}

const flags = (values: Readonly<Record<string, string | number>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`)

interface Kubeconfig {
  readonly clusters: unknown
  readonly contexts: unknown
  readonly 'current-context': string
}

async function kubeconfigOf(access: ClusterAccess, admin: string, folder: string, account: string): Promise<string> {
  const token = await access.kubectl(['create', 'token', account, '-n', releaseNamespace, '--duration=24h'])
  const config = JSON.parse(readFileSync(admin, 'utf8')) as Kubeconfig
  const file = join(folder, `${account}.kubeconfig`)
  writeFileSync(file, JSON.stringify({ ...config, users: [{ name: 'rig', user: { token: token.trim() } }] }), {
    mode: 0o600,
  })
  return file
}
