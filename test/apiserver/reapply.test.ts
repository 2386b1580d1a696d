import { describe, expect, it } from 'vitest'
import { optIn } from '../fixtures/clusterAccess.ts'
import { kesVariables, ourReference, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const region = { name: 'MINIO_REGION', value: 'here' }
const gitOps = ['--server-side', '--field-manager=gitops', '--force-conflicts']

async function stored(namespace: string) {
  const found = await cluster.client.get(tenants, { namespace, name: 'store' })
  if (!found) throw new Error('the Tenant is not there')
  return found
}

describe.each([
  ['kubectl apply', []],
  ['server-side apply by a manager that owns both lists whole', gitOps],
])('a Tenant under %s', (_, flags) => {
  const entries = [{ name: 'ldap-client', type: 'kubernetes.io/tls' }]
  const manifest = (namespace: string, image = 'minio') =>
    tenant(namespace, { image, env: [region], externalClientCertSecrets: entries })

  it('gets our entries back at every re-apply without them, and its generation stands still', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await cluster.apply([manifest(name)], ...flags)
    const first = await stored(name)
    expect(first.spec.env).toEqual([region, ...kesVariables(name, 1)])
    for (const _ of [1, 2]) await cluster.apply([manifest(name)], ...flags)
    const again = await stored(name)
    expect(again.spec).toEqual(first.spec)
    expect(again.metadata.generation).toBe(1)
  })

  it('gets them back when something else changes at the same time, and its generation grows by one', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await cluster.apply([manifest(name)], ...flags)
    await cluster.apply([manifest(name, 'minio:next')], ...flags)
    const { spec, metadata } = await stored(name)
    expect(spec.image).toBe('minio:next')
    expect(spec.externalClientCertSecrets).toEqual([...entries, ourReference])
    expect(spec.env).toEqual([region, ...kesVariables(name, 1)])
    expect(metadata.generation).toBe(2)
  })

  it('gets them at the new index when the re-apply drops an entry that stood before ours', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await cluster.apply([manifest(name)], ...flags)
    await cluster.apply([tenant(name, { env: [region] })], ...flags)
    const { spec } = await stored(name)
    expect(spec.externalClientCertSecrets).toEqual([ourReference])
    expect(spec.env).toEqual([region, ...kesVariables(name, 0)])
  })
})
