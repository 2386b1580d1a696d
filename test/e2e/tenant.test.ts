import { expect, it } from 'vitest'
import { secrets } from '../../src/kube/resources.ts'
import { tenant, tenants } from '../apiserver/objects.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { describeInCluster, untilRolledOut } from './cluster.ts'
import { encryptionOf, get, put } from './minio.ts'
import { tenantDeployment } from './tenantPod.ts'

describeInCluster('a Tenant as the webhook stores it', (cluster) => {
  it.each([0, 2])('makes a MinIO that encrypts, with %i references of the user before ours', async (before) => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    const users = Array.from({ length: before }, (_, index) => ({ name: `own-${index}`, type: 'kubernetes.io/tls' }))
    for (const own of users) {
      const data = { 'tls.crt': '', 'tls.key': '' }
      await cluster.client.create(secrets, { metadata: { namespace: name, name: own.name }, data })
    }
    const stored = await cluster.client.create(tenants, tenant(name, { externalClientCertSecrets: users }))
    await cluster.apply([tenantDeployment(cluster.tier, stored)])
    await untilRolledOut(cluster, name, 'deployment/minio')
    await put(cluster, name, 'object', 'what was written')
    expect(await get(cluster, name, 'object')).toBe('what was written')
    expect(await encryptionOf(cluster, name, 'object')).toContain(`${name}_minio`)
  })
})
