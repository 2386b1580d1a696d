import { describe, expect, it } from 'vitest'
import { pods } from '../../src/kube/resources.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { webhookRounds, type WebhookRound } from './admissionRounds.ts'
import { installForeignWebhooks, visitedBy, type AdmittedObject, type ForeignWebhook } from './foreignWebhooks.ts'
import { kesVariables, minioPod, otherPod, ourReference, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

type Entry = Readonly<Record<string, unknown>>
const ofPods = { group: '', version: 'v1', resource: 'pods' } as const
const ofTenants = { group: 'minio.min.io', version: 'v2', resource: 'tenants' } as const

// The API server asks webhooks in the order of these names; ours is called kes-injector.
const before = 'asked-before'
const after = 'zealous-after'

const visited = ({ metadata, spec }: AdmittedObject, by: string): AdmittedObject => ({
  metadata: { ...metadata, annotations: { ...metadata.annotations, [visitedBy(by)]: 'yes' } },
  spec,
})
const wasVisited = ({ metadata }: AdmittedObject, by: string): boolean => visitedBy(by) in (metadata.annotations ?? {})
const entries = (value: unknown): readonly Entry[] => (value ?? []) as readonly Entry[]
const variable = (by: string): Entry => ({ name: `OF_${by.toUpperCase().replace('-', '_')}`, value: 'set' })

/** Adds an annotation, a variable that comes first, a volume and its mount: once. */
const adding = (name: string): ForeignWebhook => ({
  ...ofPods,
  name,
  change: (object) => {
    if (wasVisited(object, name)) return object
    const [container = {}, ...more] = entries(object.spec['containers'])
    const changed = {
      ...container,
      env: [variable(name), ...entries(container['env'])],
      volumeMounts: [{ name, mountPath: `/${name}` }, ...entries(container['volumeMounts'])],
    }
    const volumes = [{ name, emptyDir: {} }, ...entries(object.spec['volumes'])]
    return visited({ ...object, spec: { ...object.spec, containers: [changed, ...more], volumes } }, name)
  },
})

/** Puts a variable and a certificate first where they are missing, so that ours stands one place further than when it was written. */
const inserting = (name: string): ForeignWebhook => ({
  ...ofTenants,
  name,
  change: (object) => {
    const first = (list: unknown, entry: Entry): readonly Entry[] =>
      entries(list).some((each) => each['name'] === entry['name']) ? entries(list) : [entry, ...entries(list)]
    const env = first(object.spec['env'], variable(name))
    const reference = { name, type: 'kubernetes.io/tls' }
    const externalClientCertSecrets = first(object.spec['externalClientCertSecrets'], reference)
    return visited({ ...object, spec: { ...object.spec, env, externalClientCertSecrets } }, name)
  },
})

/** Makes MinIO of a pod that was none when ours would have been asked. */
const renaming = (name: string): ForeignWebhook => ({
  ...ofPods,
  name,
  change: (object) => {
    const containers = entries(object.spec['containers']).map((each) => ({ ...each, name: 'minio' }))
    return visited({ ...object, spec: { ...object.spec, containers } }, name)
  },
})

/** Leaves of all variables only those that it knows: once. */
const dropping = (name: string): ForeignWebhook => ({
  ...ofPods,
  name,
  change: (object) => {
    if (wasVisited(object, name)) return object
    const [container = {}, ...more] = entries(object.spec['containers'])
    return visited({ ...object, spec: { ...object.spec, containers: [{ ...container, env: [] }, ...more] } }, name)
  },
})

const ours = (writes: readonly (readonly WebhookRound[])[]): readonly WebhookRound[] =>
  writes.flat().filter(({ webhook }) => webhook.endsWith('.kes-injector.io'))
const roundsOf = (resource: string, namespace: string) => webhookRounds(cluster.tier.auditLog, { resource, namespace })

const kesOfPod = (namespace: string): readonly string[] => kesVariables(namespace, 0).map(({ name }) => String(name))

async function storedPod(namespace: string) {
  const found = await cluster.client.get(pods, { namespace, name: 'minio' })
  const container = found?.spec?.containers[0]
  if (!container) throw new Error('the pod is not there')
  return {
    names: (container.env ?? []).map(({ name }) => name),
    mounts: (container.volumeMounts ?? []).map(({ mountPath }) => mountPath),
    volumes: (found.spec.volumes ?? []).map(({ name }) => name),
  }
}

describe('between two other webhooks, one asked before ours and one after,', () => {
  it('a pod is stored with the work of all three, and ours is asked again and has nothing to change', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const namespace = own.name
    await using _foreign = await installForeignWebhooks(
      cluster,
      namespace,
      [adding(before), adding(after)],
      minioPod(namespace, 'probe'),
    )
    await cluster.create([minioPod(namespace, 'minio')])
    const { names, mounts, volumes } = await storedPod(namespace)
    const [first, second] = [variable(after)['name'], variable(before)['name']]
    expect(names).toEqual([first, ...kesOfPod(namespace), second])
    expect(mounts).toEqual(expect.arrayContaining([`/${before}`, `/${after}`, '/run/kes-injector']))
    expect(volumes).toEqual(expect.arrayContaining([before, after, 'kes-injector']))
    expect(ours(roundsOf('pods', namespace))).toMatchObject([
      { round: 0, mutated: true },
      { round: 1, mutated: false },
    ])
  })

  it('a pod whose variables the later one drops gets ours again in the second round', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const namespace = own.name
    await using _foreign = await installForeignWebhooks(
      cluster,
      namespace,
      [dropping(after)],
      minioPod(namespace, 'probe'),
    )
    await cluster.create([minioPod(namespace, 'minio')])
    const { names, volumes, mounts } = await storedPod(namespace)
    expect(names).toEqual(kesOfPod(namespace))
    expect(volumes.filter((name) => name === 'kes-injector')).toHaveLength(1)
    expect(mounts.filter((path) => path === '/run/kes-injector')).toHaveLength(1)
    expect(ours(roundsOf('pods', namespace))).toMatchObject([
      { round: 0, mutated: true },
      { round: 1, mutated: true },
    ])
  })

  it('a pod that only becomes MinIO after ours passed it by is refused by the guard', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const namespace = own.name
    const other = otherPod(namespace, 'probe')
    const optedOut = { name: 'probe', namespace, annotations: { 'kes-injector.io/inject': 'disabled' } }
    await using _foreign = await installForeignWebhooks(cluster, namespace, [renaming(after)], {
      ...other,
      metadata: optedOut,
    })
    expect(await refusal(cluster.create([otherPod(namespace, 'web')]))).toContain('NotConnected')
    const writes = roundsOf('pods', namespace)
    expect(writes.flat().map(({ webhook }) => webhook)).toEqual([`${after}.foreign.example`])
    expect(ours(writes)).toEqual([])
  })

  it('a Tenant into whose lists both insert names the files of the place where our entry ends up, and stays so', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn })
    const namespace = own.name
    await using _foreign = await installForeignWebhooks(
      cluster,
      namespace,
      [inserting(before), inserting(after)],
      tenant(namespace, {}, { name: 'probe' }),
    )
    const region = { name: 'MINIO_REGION', value: 'here' }
    const manifest = tenant(namespace, { env: [region] })
    const serverSide = ['--server-side', '--field-manager=gitops', '--force-conflicts']
    for (const flags of [serverSide, serverSide, [], serverSide]) {
      await cluster.apply([manifest], ...flags)
      const found = await cluster.client.get(tenants, { namespace, name: 'store' })
      expect(found?.spec.externalClientCertSecrets?.map(({ name }) => name)).toEqual([after, before, ourReference.name])
      expect(found?.spec.env).toEqual([variable(after), variable(before), region, ...kesVariables(namespace, 2)])
      expect(found?.metadata.generation).toBe(1)
    }
  })
})
