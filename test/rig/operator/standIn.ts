import { createHash, X509Certificate } from 'node:crypto'
import type { Client } from '../../../src/kube/client.ts'
import type { KubeObject, Resource } from '../../../src/kube/object.ts'
import { secrets, services, statefulSets } from '../../../src/kube/resources.ts'
import { loops } from './certificates.ts'
import { configurationOf } from './configuration.ts'
import { kesService, kesStatefulSet } from './kesObjects.ts'
import { configurationSecretOf, minioServices, poolStatefulSet, type StandInImages } from './minioObjects.ts'
import { ownerOf, placeOf, tenants, type StandInTenant } from './tenant.ts'

export interface StandInOptions {
  readonly client: Client
  /** The one namespace whose Tenants are acted on. */
  readonly namespace: string
  readonly images: StandInImages
  readonly clusterDomain?: string
}

/** A stand-in for the MinIO operator at work. */
export interface OperatorStandIn extends AsyncDisposable {
  /** How often it wrote a Tenant's status. */
  readonly statusWrites: () => number
  /** What it complained of last: a Secret that is not there yet, say. */
  readonly lastProblem: () => string | undefined
  readonly stop: () => Promise<void>
}

const everyMs = 500
const statusEveryMs = 5_000
const apply = { fieldManager: 'minio-operator-stand-in', force: true } as const

const textOf = (data: Readonly<Record<string, string>> | undefined, key: string): string | undefined =>
  data?.[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString()

/**
 * Stands in for the MinIO operator, whose program cannot be had here: makes of Tenants what the real one (v7.1.1, measured) makes, as far
 * as certificates, environment, pods, KES and status are concerned. It looks every half second in place of watching, issues no
 * certificates (`requestAutoCert` is not looked at), and its sidecar copies an environment that was made here.
 */
export function startOperatorStandIn(options: StandInOptions): OperatorStandIn {
  const { client, namespace, images, clusterDomain = 'cluster.local' } = options
  const applied = new Map<string, string>()
  const statusAt = new Map<string, number>()
  let problem: string | undefined
  let statusWrites = 0

  /** Writes what changed since it was written last. The real one compares with the live object and comes to the same. */
  async function make(resource: Resource<never>, object: object): Promise<void> {
    const { metadata } = object as KubeObject
    const key = `${resource.plural} ${metadata.name}`
    const text = JSON.stringify(object)
    if (applied.get(key) === text) return
    await client.apply(resource, { ...object, metadata }, apply)
    applied.set(key, text)
  }

  async function secretData(name: string): Promise<Readonly<Record<string, string>>> {
    const secret = await client.get(secrets, { namespace, name })
    if (!secret) throw new Error(`there is no Secret ${name}`)
    return secret.data ?? {}
  }

  async function makeConfiguration(tenant: StandInTenant): Promise<void> {
    const { configuration } = tenant.spec
    const own = configuration ? textOf(await secretData(configuration.name), 'config.env') : undefined
    const text = configurationOf(tenant, own ?? '', clusterDomain)
    await make(secrets as Resource<never>, {
      metadata: { name: configurationSecretOf(tenant), namespace, ownerReferences: ownerOf(tenant) },
      data: { 'config.env': Buffer.from(text).toString('base64') },
    })
  }

  async function makeKes(tenant: StandInTenant): Promise<void> {
    const pair = tenant.spec.externalClientCertSecret
    if (!tenant.spec.kes || !pair) return
    const data = await secretData(pair.name)
    const certificate = textOf(data, 'tls.crt') ?? textOf(data, 'public.crt')
    if (certificate === undefined) throw new Error(`the Secret ${pair.name} holds no certificate`)
    const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
    const statefulSet = kesStatefulSet(tenant, createHash('sha256').update(spki).digest('hex'))
    await make(services as Resource<never>, kesService(tenant))
    if (statefulSet) await make(statefulSets as Resource<never>, statefulSet)
  }

  /** As the real one does it: with an emptied spec. The first time, and every five seconds where certificates are watched for expiry. */
  async function writeStatus(tenant: StandInTenant): Promise<void> {
    const { name } = placeOf(tenant)
    const last = statusAt.get(name)
    if (last !== undefined && (!loops(tenant) || Date.now() - last < statusEveryMs)) return
    const client_ = (tenant.spec.externalClientCertSecrets ?? []).map((each) => ({
      certName: each.name,
      expiresIn: `${Math.round(Date.now() / 1000)}s`,
    }))
    const status = {
      currentState: 'Initialized',
      syncVersion: 'v6.0.0',
      certificates: { customCertificates: { client: client_ } },
    }
    const { metadata } = tenant
    await client.updateStatus(tenants, { metadata, spec: { pools: [] }, status })
    statusAt.set(name, Date.now())
    statusWrites++
  }

  async function sync(tenant: StandInTenant): Promise<void> {
    if (tenant.metadata.deletionTimestamp !== undefined) return
    await makeConfiguration(tenant)
    for (const service of minioServices(tenant)) await make(services as Resource<never>, service)
    await makeKes(tenant)
    for (const pool of tenant.spec.pools)
      await make(statefulSets as Resource<never>, poolStatefulSet(tenant, pool, images))
    await writeStatus(tenant)
  }

  let stopped = false
  async function run(): Promise<void> {
    while (!stopped) {
      try {
        const { items } = await client.list(tenants, { namespace })
        for (const tenant of items) await sync(tenant)
        problem = undefined
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error)
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs))
    }
  }
  const running = run()
  const stop = async (): Promise<void> => {
    stopped = true
    await running
  }
  return { statusWrites: () => statusWrites, lastProblem: () => problem, stop, [Symbol.asyncDispose]: stop }
}
