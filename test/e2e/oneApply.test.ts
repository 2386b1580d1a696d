import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { kesIdentities, namespaces, pods } from '../../src/kube/resources.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { kesVariables, ourReference, tenant, tenants } from '../apiserver/objects.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, scaleController, untilCondition, untilRolledOut } from './cluster.ts'
import { encryptionOf, get, identityRef, minioDeployment, minioPodOf, put } from './minio.ts'

describeInCluster('one kubectl apply of a namespace, a Tenant and a MinIO, with no controller running', (cluster) => {
  it('leaves the pod waiting for its mount and nothing failed; with the controller everything comes up and encrypts', async () => {
    const namespace = `test-${randomBytes(4).toString('hex')}`
    try {
      await scaleController(cluster, 0)
      await cluster.apply([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: optIn } },
        tenant(namespace),
        minioDeployment(cluster.tier, namespace),
      ])
      const held = async () => {
        const pod = await minioPodOf(cluster, namespace)
        if (!pod) return undefined
        const field = `reason=FailedMount,involvedObject.name=${pod.metadata.name}`
        const said = await cluster.kubectl(['get', 'events', '-n', namespace, '--field-selector', field, '-o', 'json'])
        return said.includes('kes-client') ? pod.metadata.name : undefined
      }
      const name = await until(held, { what: 'the kubelet to hold the pod back', timeoutMs: 60_000, everyMs: 300 })
      const waiting = await cluster.client.get(pods, { namespace, name })
      expect(waiting?.status?.phase).toBe('Pending')

      await scaleController(cluster, 2)
      await untilCondition(cluster, kesIdentities, identityRef(namespace), { type: 'Ready', status: 'True' })
      await untilRolledOut(cluster, namespace, 'deployment/minio')
      // It is the very same pod: nothing had to be made again.
      expect((await minioPodOf(cluster, namespace))?.metadata.uid).toBe(waiting?.metadata.uid)
      expect((await cluster.client.get(pods, { namespace, name }))?.status?.containerStatuses?.[0]?.restartCount).toBe(
        0,
      )

      await put(cluster, namespace, 'object', 'what was written')
      expect(await get(cluster, namespace, 'object')).toBe('what was written')
      const encryption = await encryptionOf(cluster, namespace, 'object')
      expect(encryption).toContain('aws:kms')
      expect(encryption).toContain(`${namespace}_minio`)

      const stored = await cluster.client.get(tenants, { namespace, name: 'store' })
      expect(stored?.spec.externalClientCertSecrets).toEqual([ourReference])
      expect(stored?.spec.env).toEqual(kesVariables(namespace, 0))
    } finally {
      await scaleController(cluster, 2)
      await cluster.client.delete(namespaces, { name: namespace })
    }
  })
})
