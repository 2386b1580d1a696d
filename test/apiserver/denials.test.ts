import { describe, expect, it } from 'vitest'
import { keyServers } from '../../src/kube/resources.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { kesVariables, minioPod, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

describe('a MinIO object is denied in a sentence that says what to do', () => {
  it('where the KeyServer of its namespace does not exist, and admitted as soon as it does', async () => {
    const keyServer = `server-${Math.random().toString(36).slice(2, 8)}`
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': keyServer },
    })
    const { name } = namespace
    for (const object of [minioPod(name, 'minio'), tenant(name)]) {
      const said = await refusal(cluster.create([object]))
      expect(said).toMatch(/admission webhook "minio-(pods|tenants)\.kes-injector\.io" denied the request/)
      expect(said).toContain(
        `KeyServerUnknown: namespace ${name} uses the KeyServer "${keyServer}", which does not exist`,
      )
      expect(said).toContain('Create it, or name another one')
    }
    await cluster.create([
      {
        apiVersion: 'kes-injector.io/v1alpha1',
        kind: 'KeyServer',
        metadata: { name: keyServer },
        spec: { stateful: {} },
      },
    ])
    await cluster.create([tenant(name)])
    const stored = await cluster.client.get(tenants, { namespace: name, name: 'store' })
    await cluster.client.delete(keyServers, { name: keyServer })
    expect(stored?.spec.env).toEqual(kesVariables(name, 0, keyServer))
  })

  it('where the name of the key lies outside the prefix of the namespace', async () => {
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-name': 'other_minio' },
    })
    const said = await refusal(cluster.create([minioPod(namespace.name, 'minio')]))
    expect(said).toContain('KeyNameInvalid')
    expect(said).toContain(`a key of this namespace is called ${namespace.name}_`)
  })

  it('where a volume of its own has the name of ours', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const volumes = [{ name: 'kes-injector', emptyDir: {} }]
    const said = await refusal(cluster.create([minioPod(namespace.name, 'minio', {}, { volumes })]))
    expect(said).toContain('NameCollision: the pod has a volume of its own called kes-injector: give it another name.')
  })

  it('where a Tenant would crash the operator for every Tenant', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const spec = { kes: { kesSecret: { name: 'a' } }, externalClientCertSecret: { name: 'b', type: 'Opaque' } }
    expect(await refusal(cluster.create([tenant(namespace.name, spec)]))).toContain('OperatorCrash')
  })
})
