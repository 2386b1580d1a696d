import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { secrets } from '../../src/kube/resources.ts'
import { releaseNamespace } from '../fixtures/clusterAccess.ts'
import { run } from '../rig/command.ts'
import { freePorts } from '../rig/freePort.ts'
import { findProgram } from '../rig/programs/programs.ts'
import { until } from '../rig/waiting.ts'
import { keepRunning } from './keptRunning.ts'
import type { OwnApiServer } from './ownApiServer.ts'
import { auditLines } from '../fixtures/auditLines.ts'

interface Kept {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly deletionTimestamp?: string
  }
  readonly data?: Readonly<Record<string, string>>
}

const kinds = ['secrets', 'persistentvolumeclaims', 'persistentvolumes', 'keyservers', 'kesidentities'] as const

/**
 * All key material of the cluster, one line an object: its uid, whether it is marked for deletion, and a hash of what it holds. Equal
 * before and after means that nothing was lost, emptied, replaced or doomed.
 */
export async function keyMaterial(server: OwnApiServer): Promise<readonly string[]> {
  const lines = await Promise.all(
    kinds.map(async (kind) => {
      const { items } = await server.read<{ items: readonly Kept[] }>(['get', kind, '-A'])
      return items
        .filter(({ metadata }) => isMaterial(kind, metadata))
        .map(({ metadata: { name, namespace = '', uid, deletionTimestamp = 'alive' }, data = {} }) => {
          const held = createHash('sha256')
            .update(JSON.stringify(Object.entries(data).sort()))
            .digest('hex')
            .slice(0, 12)
          return `${kind} ${namespace}/${name} ${uid} ${deletionTimestamp} ${held}`
        })
    }),
  )
  return lines.flat().sort()
}

function isMaterial(kind: (typeof kinds)[number], { name, namespace }: Kept['metadata']): boolean {
  if (kind !== 'secrets') return true
  return namespace === releaseNamespace && /^(kes-(?!injector)|identity\.)/.test(name) && !name.endsWith('-init')
}

const initialised = '{"status":{"initializedAt":"2026-01-01T00:00:00Z"}}'

/** Waits until something is there, or says so. */
export const seen = <T>(what: string, look: () => Promise<T | undefined>): Promise<T> =>
  until(look, { what, timeoutMs: 60_000, everyMs: 200 })

/** A KeyServer that has run, as its status says. */
export async function initialise(server: OwnApiServer, name: string): Promise<void> {
  await seen(`KeyServer ${name}`, () =>
    server
      .kubectl(['patch', 'keyserver', name, '--subresource=status', '--type=merge', '-p', initialised])
      .catch(() => undefined),
  )
}

const keptSecretName = (namespace: string): string => `identity.${namespace}.kes-client`

/** What the controller makes for a namespace once KES runs, which it never does in this tier. */
export async function giveIdentity(server: OwnApiServer, namespace: string): Promise<void> {
  await until(
    () =>
      server
        .kubectl([
          'patch',
          'kesidentity',
          'kes-client',
          '-n',
          namespace,
          '--subresource=status',
          '--type=merge',
          '-p',
          '{"status":{"identity":"0abc"}}',
        ])
        .catch(() => undefined),
    { what: `the KesIdentity of ${namespace}`, timeoutMs: 30_000, everyMs: 200 },
  )
  await server.client.create(secrets, {
    metadata: {
      namespace: releaseNamespace,
      name: keptSecretName(namespace),
      labels: { 'app.kubernetes.io/managed-by': 'kes-injector', 'kes-injector.io/key-server': 'default' },
    },
    data: { 'tls.crt': 'Y2VydA==', 'tls.key': 'a2V5' },
  })
}

/** An identity as the controller keeps it from going before it is revoked. */
export const holdBack = (server: OwnApiServer, namespace: string, name: string): Promise<string> =>
  server.create([
    {
      apiVersion: 'kes-injector.io/v1alpha1',
      kind: 'KesIdentity',
      metadata: { name, namespace, finalizers: ['kes-injector.io/revocation'] },
      spec: { keyServerRef: { name: 'default' } },
    },
  ])

/** The commands of the block in a document's page whose first line is `# TITLE`. */
export function commandsOf(page: string, title: string): string {
  const text = readFileSync(join(import.meta.dirname, '../../docs/how-to', page), 'utf8')
  const block = text.split('```sh\n').find((part) => part.startsWith(`# ${title}\n`))
  const [commands] = block?.split('```') ?? []
  if (commands === undefined) throw new Error(`${page} has no block called ${title}`)
  return commands
}

/** Runs commands as a person with kubectl and helm at hand does; stops at the first that fails. */
export async function runCommands(server: OwnApiServer, commands: string): Promise<string> {
  const folders = ['kubectl', 'helm'].map((name) => join(findProgram(name as 'kubectl' | 'helm').path, '..'))
  const environment = { ...server.environment, PATH: [...folders, process.env['PATH'] ?? ''].join(':') }
  return run('bash', ['-euo', 'pipefail', '-c', commands], { environment, timeoutMs: 120_000 })
}

/** Keeps the real controller running beside this API server, with the rights that the chart gives it. */
export async function keepController(
  server: OwnApiServer,
  ...flags: readonly string[]
): Promise<ReturnType<typeof keepRunning>> {
  const account = 'kes-injector-controller'
  const token = await server.kubectl(['create', 'token', account, '-n', releaseNamespace, '--duration=24h'])
  const config = JSON.parse(readFileSync(server.kubeconfig, 'utf8')) as object
  const file = join(server.folder, `${account}.kubeconfig`)
  const users = [{ name: 'rig', user: { token: token.trim() } }]
  writeFileSync(file, JSON.stringify({ ...config, users }), { mode: 0o600 })
  const [healthPort = 0] = await freePorts(1)
  return keepRunning({
    name: 'controller',
    folder: server.folder,
    healthPort,
    environment: { KUBECONFIG: file },
    command: [
      process.execPath,
      join(import.meta.dirname, '../../src/main.ts'),
      'controller',
      `--release-namespace=${releaseNamespace}`,
      '--pod-name=controller-of-the-test',
      '--stateful-image=never-run',
      '--agent-image=never-run',
      `--health-port=${healthPort}`,
      ...flags,
    ],
  })
}

interface AuditEvent {
  readonly verb?: string
  readonly user?: { readonly username?: string }
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** Whether the garbage collector itself has tried to delete here, and was told that it may not. */
export function collectorRefused(server: OwnApiServer, resource: string): true | undefined {
  const lines = auditLines(server.auditLog)
  return (
    lines
      .map((line) => JSON.parse(line) as AuditEvent)
      .some(
        ({ verb, user, objectRef, responseStatus }) =>
          verb === 'delete' &&
          user?.username === 'system:serviceaccount:kube-system:generic-garbage-collector' &&
          objectRef?.resource === resource &&
          objectRef.namespace === releaseNamespace &&
          responseStatus?.code === 403,
      ) || undefined
  )
}
