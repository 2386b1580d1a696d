import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kesIdentities, keyServers, secrets } from '../../src/kube/resources.ts'
import { auditLines } from '../fixtures/auditLines.ts'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { describeInCluster, scaleController, untilCondition, type E2eCluster } from './cluster.ts'

/** The dying controller as one file: it starts in a third of the time, and it starts some seventy times. */
async function bundled(folder: string): Promise<string> {
  const outfile = join(folder, 'dying-controller.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'dyingController.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'error',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  return outfile
}

/** Longer than any wait of the controller between two writes of a bring-up: who lives so long has nothing left to do. */
const atRestMs = 8_000
const mostDeaths = 120

interface Life {
  /** What it was killed at; undefined: it came to rest and was asked to stop. */
  readonly died: string | undefined
}

/** One life of the controller, in the node's network. */
function live({ tier }: E2eCluster, program: string, moment: 'after' | 'during'): Promise<Life> {
  const flags = [
    '--release-namespace',
    releaseNamespace,
    '--pod-name',
    'dying',
    '--stateful-image',
    tier.statefulImage,
    '--agent-image',
    'never-run',
  ]
  const [inNetwork = 'nsenter', ...prefix] = tier.inNetwork
  const args = [...prefix, process.execPath, program, ...flags, '--log-level', 'error']
  return new Promise((resolve, reject) => {
    const child = spawn(inNetwork, args, {
      env: { ...process.env, DIE: moment, KUBECONFIG: tier.nodeKubeconfig },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const enough = setTimeout(() => child.kill('SIGTERM'), atRestMs)
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      clearTimeout(enough)
      if (signal === 'SIGKILL') resolve({ died: said.trim().split('\n').at(-1) ?? 'somewhere' })
      else if (signal === 'SIGTERM') resolve({ died: undefined })
      else reject(new Error(`the controller ended by itself: ${said}`))
    })
  })
}

/** Lives and dies until one comes to rest; answers what each died at. */
async function liveAndDie(
  cluster: E2eCluster,
  program: string,
  moment: 'after' | 'during',
): Promise<readonly string[]> {
  const deaths: string[] = []
  while (deaths.length < mostDeaths) {
    const { died } = await live(cluster, program, moment)
    if (died === undefined) return deaths
    deaths.push(died)
  }
  throw new Error(`still writing after ${mostDeaths} deaths, at last: ${deaths.slice(-5).join(' ')}`)
}

interface AuditEntry {
  readonly verb: string
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** How often a Secret of this name was really created. */
function creations(auditLog: string, name: string): number {
  return auditLines(auditLog)
    .filter((line) => line.includes(`"${name}"`))
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter(
      ({ verb, objectRef, responseStatus }) =>
        verb === 'create' &&
        objectRef?.resource === 'secrets' &&
        objectRef.name === name &&
        responseStatus?.code === 201,
    ).length
}

/** What lies on the volume of a key server, locks of the launcher aside. */
async function dataFolders({ read, tier }: E2eCluster, keyServer: string): Promise<readonly string[]> {
  const claim = await read<{ spec: { volumeName: string } }>([
    'get',
    'pvc',
    `data-kes-${keyServer}-0`,
    '-n',
    releaseNamespace,
  ])
  const volume = await read<{ spec: { local?: { path: string }; hostPath?: { path: string } } }>([
    'get',
    'pv',
    claim.spec.volumeName,
  ])
  const path = volume.spec.local?.path ?? volume.spec.hostPath?.path ?? ''
  return readdirSync(path.startsWith(tier.folder) ? path : join(tier.folder, path))
}

const material = ['authority-1', 'enclave-admin', 'server', 'system-admin', 'unseal']

describeInCluster('a controller that is killed at every write of a first bring-up', (cluster) => {
  let program = ''
  beforeAll(async () => {
    program = await bundled(cluster.tier.folder)
    await scaleController(cluster, 0)
  })
  afterAll(() => scaleController(cluster, 2))

  it.each(['after', 'during'] as const)(
    'ends in the one working state (killed %s each write)',
    { timeout: 600_000 },
    async (moment) => {
      const name = `killed-${moment}`
      await cluster.apply([
        {
          apiVersion: 'kes-injector.io/v1alpha1',
          kind: 'KeyServer',
          metadata: { name },
          spec: { stateful: {}, keys: [`${name}_more`] },
        },
      ])
      await using namespace = await cluster.makeNamespace({
        labels: { 'kes-injector.io/inject': 'enabled' },
        annotations: { 'kes-injector.io/key-server': name },
      })
      const deaths = await liveAndDie(cluster, program, moment)

      expect(deaths.length).toBeGreaterThan(15)
      const ready = { type: 'Ready', status: 'True' } as const
      await untilCondition(cluster, keyServers, { name }, ready)
      await untilCondition(cluster, kesIdentities, { namespace: namespace.name, name: 'kes-client' }, ready)
      const server = await cluster.client.get(keyServers, { name })
      expect(server?.status?.keys).toEqual(['kes-injector-check', `${name}_more`, `${namespace.name}_minio`].sort())

      const own = await cluster.client.list(secrets, {
        namespace: releaseNamespace,
        labelSelector: `kes-injector.io/key-server=${name},app.kubernetes.io/component=key-server`,
      })
      expect(own.items.map(({ metadata }) => metadata.name).sort()).toEqual(
        material.map((each) => `kes-${name}-${each}`),
      )
      for (const each of ['authority-1', 'unseal', 'system-admin', 'enclave-admin'])
        expect(creations(cluster.tier.auditLog, `kes-${name}-${each}`), each).toBe(1)
      expect((await dataFolders(cluster, name)).filter((entry) => !entry.endsWith('.lock'))).toEqual(['kes'])
    },
  )
})
