import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { optIn, type OwnNamespace } from '../fixtures/clusterAccess.ts'
import { kesVariables, ourReference, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'
import { webhookCalls } from './webhookCalls.ts'

const cluster = useApiServer()

let own: OwnNamespace
let namespace: string
beforeAll(async () => {
  own = await cluster.makeNamespace({ labels: optIn })
  namespace = own.name
})
afterAll(() => own[Symbol.asyncDispose]())

async function stored(name: string) {
  const found = await cluster.client.get(tenants, { namespace, name })
  if (!found) throw new Error(`Tenant ${name} is not there`)
  return found
}

const users = [
  { name: 'ldap-client', type: 'kubernetes.io/tls' },
  { name: 'audit-client', type: 'kubernetes.io/tls' },
]
const region = { name: 'MINIO_REGION', value: 'here' }

describe('a Tenant that is created in a labelled namespace', () => {
  it('is stored with one certificate reference and the five variables of its index', async () => {
    await cluster.client.create(tenants, tenant(namespace, {}, { name: 'plain' }))
    const { spec } = await stored('plain')
    expect(spec.externalClientCertSecrets).toEqual([ourReference])
    expect(spec.env).toEqual(kesVariables(namespace, 0))
  })

  it('keeps its own entries first, and ours names the files of its place behind two of them', async () => {
    const spec = { env: [region], externalClientCertSecrets: users }
    await cluster.client.create(tenants, tenant(namespace, spec, { name: 'two' }))
    const after = (await stored('two')).spec
    expect(after.externalClientCertSecrets).toEqual([...users, ourReference])
    expect(after.env).toEqual([region, ...kesVariables(namespace, 2)])
  })

  it('is otherwise stored exactly as it was written', async () => {
    const written = tenant(namespace, { env: [region], requestAutoCert: false }, { name: 'rest' })
    await cluster.client.create(tenants, written)
    const { env: _, externalClientCertSecrets: __, ...rest } = (await stored('rest')).spec
    const { env: ___, ...asWritten } = written.spec
    expect(rest).toEqual(asWritten)
    expect((await stored('rest')).metadata).not.toHaveProperty('annotations')
  })

  it('is shown with the same change by a server dry-run, which stores nothing', async () => {
    const manifest = JSON.stringify(tenant(namespace, { env: [region] }, { name: 'dry' }))
    const printed = await cluster.kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], { stdin: manifest })
    expect((JSON.parse(printed) as ReturnType<typeof tenant>).spec.env).toEqual([region, ...kesVariables(namespace, 0)])
    expect(await cluster.client.get(tenants, { namespace, name: 'dry' })).toBeUndefined()
  })
})

describe('a connected Tenant', () => {
  it('names the files of the new index when an entry before ours is removed', async () => {
    await cluster.client.create(tenants, tenant(namespace, { externalClientCertSecrets: users }, { name: 'shifted' }))
    const entries = [users[1], ourReference]
    await cluster.client.mergePatch(
      tenants,
      { namespace, name: 'shifted' },
      { spec: { externalClientCertSecrets: entries } },
    )
    const { spec } = await stored('shifted')
    expect(spec.externalClientCertSecrets).toEqual(entries)
    expect(spec.env).toEqual(kesVariables(namespace, 1))
  })

  it('keeps its generation when it is written again without a change', async () => {
    await cluster.client.create(tenants, tenant(namespace, {}, { name: 'still' }))
    const before = await stored('still')
    await cluster.client.update(tenants, before)
    expect((await stored('still')).metadata).toEqual(before.metadata)
  })

  it('keeps its settings through status writes with an emptied spec, of which the webhook is not even told', async () => {
    await cluster.client.create(tenants, tenant(namespace, {}, { name: 'looped' }))
    const callsBefore = await webhookCalls(cluster)
    for (const revision of [1, 2, 3]) {
      const current = await stored('looped')
      const emptied = { ...current, spec: { pools: [] }, status: { currentState: 'Initialized', revision } }
      await cluster.client.updateStatus(tenants, emptied)
    }
    const after = await stored('looped')
    expect(after.status).toMatchObject({ revision: 3 })
    expect(after.spec.env).toEqual(kesVariables(namespace, 0))
    expect(after.metadata.generation).toBe(1)
    expect((await webhookCalls(cluster)) - callsBefore).toBe(0)
  })

  it('loses its settings only with its name: opting out later leaves them', async () => {
    await cluster.client.create(tenants, tenant(namespace, {}, { name: 'regretted' }))
    const { metadata, spec } = tenant(namespace, {}, { name: 'regretted' })
    const annotations = { 'kes-injector.io/inject': 'disabled' }
    const { resourceVersion } = (await stored('regretted')).metadata
    await cluster.client.update(tenants, {
      metadata: { ...metadata, resourceVersion: resourceVersion ?? '', annotations } as never,
      spec,
    })
    expect((await stored('regretted')).spec.env).toEqual(kesVariables(namespace, 0))
  })
})

describe('a Tenant that ran before its namespace was labelled', () => {
  it('is left alone by an update, and connected once it asks for it', async () => {
    await using late = await cluster.makeNamespace()
    await cluster.client.create(tenants, tenant(late.name))
    await cluster.kubectl(['label', 'namespace', late.name, 'kes-injector.io/inject=enabled'])
    const ref = { namespace: late.name, name: 'store' }
    const touched = await cluster.client.mergePatch(tenants, ref, { spec: { image: 'minio:next' } })
    expect(touched.spec.env).toBeUndefined()
    const asked = { metadata: { annotations: { 'kes-injector.io/inject': 'enabled' } } }
    const adopted = await cluster.client.mergePatch(tenants, ref, asked)
    expect(adopted.spec.env).toEqual(kesVariables(late.name, 0))
  })
})
