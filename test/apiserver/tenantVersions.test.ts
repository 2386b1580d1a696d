import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { tenantCrd } from '../fixtures/tenantCrd.ts'
import { until } from '../rig/waiting.ts'
import { kesVariables, ourReference, tenant, tenants } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const [v2] = tenantCrd.spec.versions
/** As operators before 5.0 serve it: the older version is still there, what is stored is the newer one. */
const bothServed = {
  ...tenantCrd,
  spec: { ...tenantCrd.spec, versions: [v2, { ...v2, name: 'v1', storage: false }] },
}
const ofV1 = (namespace: string, spec = {}) => ({ ...tenant(namespace, spec), apiVersion: 'minio.min.io/v1' })

beforeAll(async () => {
  await cluster.apply([bothServed])
  const served = async () =>
    (await cluster.kubectl(['get', '--raw', '/apis/minio.min.io'])).includes('minio.min.io/v1"') || undefined
  await until(served, { what: 'version v1 of Tenants', timeoutMs: 30_000 })
})
afterAll(() => cluster.apply([tenantCrd]))

describe('a Tenant that is written in version v1', () => {
  it('is stored connected like any other: the rule names v2 and is matched by equivalence', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    // A server may not answer for a version at once that it has just begun to serve.
    await until(() => cluster.create([ofV1(name)]).catch(() => undefined), {
      what: 'the Tenant to be stored',
      timeoutMs: 30_000,
      everyMs: 200,
    })
    const stored = await cluster.client.get(tenants, { namespace: name, name: 'store' })
    expect(stored?.apiVersion).toBe('minio.min.io/v2')
    expect(stored?.spec.env).toEqual(kesVariables(name, 0))
    expect(stored?.spec.externalClientCertSecrets).toEqual([ourReference])
  })

  it('is refused for the same reasons', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const wrong = [{ name: 'MINIO_KMS_KES_KEY_NAME', value: 'someone-elses_minio' }]
    const refusals = await Promise.all(
      [tenant(namespace.name, { env: wrong }), ofV1(namespace.name, { env: wrong })].map((each) =>
        refusal(cluster.create([each])).catch(() => 'it was accepted'),
      ),
    )
    const reasons = refusals.map((said) => /denied the request: (\S+)/.exec(said)?.[1] ?? said)
    expect(reasons).toEqual(['KeyNameInvalid:', 'KeyNameInvalid:'])
  })
})
