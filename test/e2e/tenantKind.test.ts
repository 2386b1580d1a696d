import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { kesIdentities, secrets } from '../../src/kube/resources.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { tenantCrd } from '../fixtures/tenantCrd.ts'
import { tenant, tenants } from '../apiserver/objects.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, scaleController, untilCondition, untilProductReady } from './cluster.ts'
import { identityRef } from './minio.ts'

describeInCluster('a cluster without the kind Tenant', (cluster) => {
  it('has a controller that starts and works; Tenants are seen to as soon as their kind is installed', async () => {
    const install = () => cluster.apply([tenantCrd])
    try {
      await scaleController(cluster, 0)
      await cluster.kubectl(['delete', 'crd', tenantCrd.metadata.name, '--wait=true'])
      await scaleController(cluster, 2)
      await untilProductReady(cluster)
      await using namespace = await cluster.makeNamespace({ labels: optIn })
      await untilCondition(cluster, kesIdentities, identityRef(namespace.name), { type: 'Ready', status: 'True' })

      await install()
      await cluster.kubectl(['wait', '--for=condition=Established', `crd/${tenantCrd.metadata.name}`, '--timeout=30s'])
      const name = `kes-${randomBytes(3).toString('hex')}`
      const made = tenant(namespace.name, { kes: { kesSecret: { name: 'kes-configuration' } } }, { name })
      // The API server may answer that it does not know the kind for a moment after it is established.
      const create = () => cluster.client.create(tenants, made).catch(() => undefined)
      expect((await until(create, { what: 'the Tenant to be taken', timeoutMs: 30_000 })).spec).toHaveProperty(
        'externalClientCertSecret',
      )
      const pair = () => cluster.client.get(secrets, { namespace: namespace.name, name: 'kes-tenant-server' })
      expect((await until(pair, { what: 'the pair of KES', timeoutMs: 60_000 })).type).toBe('kubernetes.io/tls')
    } finally {
      await install()
      await scaleController(cluster, 2)
    }
  })
})
