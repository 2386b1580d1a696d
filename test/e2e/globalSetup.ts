import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { tenantCrd } from '../fixtures/tenantCrd.ts'
import { startCluster, type Cluster } from '../rig/cluster/cluster.ts'
import { whyNoCluster } from '../rig/cluster/debian.ts'
import { run } from '../rig/command.ts'
import type { Image } from '../rig/images/images.ts'
import type { ImageName } from '../rig/images/recipes.ts'
import { timed, toTerminal } from '../rig/report.ts'
import { auditPolicy } from './auditPolicy.ts'
import type {} from './cluster.ts'

const project = join(import.meta.dirname, '../..')
const images = ['kes-injector', 'kes-stateful', 'kes-server', 'minio', 'mc'] as const

let cluster: Cluster | undefined

/** Starts what all tests of the tier share: one cluster of a real node with the product installed in it by the real Helm. */
export async function setup({ provide }: TestProject): Promise<void> {
  const why = whyNoCluster()
  if (why !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(why)
    toTerminal(`e2e tier skipped: ${why}`)
    provide('e2e', { skipped: why })
    return
  }
  const report = timed((line) => toTerminal(`e2e tier ${line}`))
  await run(process.execPath, ['scripts/bundle.ts'], { cwd: project })
  report('bundled')
  cluster = await startCluster({
    name: `e2e-${process.pid}`,
    images,
    auditPolicy,
    syncFrequencyMs: 1_000,
    volumes: 32,
  })
  report('cluster ready')
  try {
    await install(cluster)
  } catch (error) {
    report(await cluster.kubectl(['get', 'pods,events', '-n', releaseNamespace, '-o', 'wide']).catch(String))
    await teardown()
    throw error
  }
  report('chart installed')
  const { kubeconfig, folder, auditLog, logFolder, nodeKubeconfig, node } = cluster
  provide('e2e', {
    kubeconfig,
    folder,
    auditLog,
    logFolder,
    nodeKubeconfig,
    inNetwork: node.inNetwork([]),
    statefulImage: imageOf(cluster, 'kes-stateful').reference,
    kesServerImage: imageOf(cluster, 'kes-server').reference,
    minioImage: imageOf(cluster, 'minio').reference,
    mcImage: imageOf(cluster, 'mc').reference,
  })
}

export async function teardown(): Promise<void> {
  await cluster?.stop()
  cluster = undefined
}

function imageOf({ images }: Cluster, name: ImageName): Image {
  const image = images[name]
  if (!image) throw new Error(`the image ${name} was not asked for`)
  return image
}

async function install(cluster: Cluster): Promise<void> {
  await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(tenantCrd) })
  const [own, stateful] = [imageOf(cluster, 'kes-injector'), imageOf(cluster, 'kes-stateful')]
  const server = imageOf(cluster, 'kes-server')
  const values = [
    `image.repository=${own.repository}`,
    `image.tag=${own.tag}`,
    `statefulImage.repository=${stateful.repository}`,
    `statefulImage.tag=${stateful.tag}`,
    `serverImage.repository=${server.repository}`,
    `serverImage.tag=${server.tag}`,
    // All that could be said is said, so that a key in a log would be found.
    'webhook.logLevel=debug',
    'controller.logLevel=debug',
  ].flatMap((value) => ['--set', value])
  const chart = join(project, 'charts/kes-injector')
  const how = ['-n', releaseNamespace, '--create-namespace', '--wait', '--timeout', '120s']
  await cluster.helm(['install', 'kes-injector', chart, ...how, ...values])
}
