import { expect, it } from 'vitest'
import { pods } from '../../src/kube/resources.ts'
import { kesVariables, ourReference } from '../apiserver/objects.ts'
import { webhookCalls } from '../apiserver/webhookCalls.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster } from './cluster.ts'
import { runningPods, startTenant } from './operatorTenant.ts'
import { finished } from './reconciles.ts'

describeInCluster('a Tenant that is run by a stand-in for the MinIO operator', (cluster) => {
  it('encrypts, with the identity in the operator’s own list of client certificates', async () => {
    await using tenant = await startTenant(cluster)
    await tenant.put('object', 'what was written')
    expect(await tenant.get('object')).toBe('what was written')
    const said = await tenant.mc('mc stat --json it/bucket/object')
    expect(said).toContain('aws:kms')
    expect(said).toContain(`${tenant.namespace}_minio`)
    const { spec } = await tenant.stored()
    expect(spec.externalClientCertSecrets).toEqual([ourReference])
    expect(spec.env).toEqual(kesVariables(tenant.namespace, 0))

    // The operator's loop: a status write every five seconds, which neither webhook nor controller has to do with.
    const before = {
      calls: await webhookCalls(cluster),
      reconciled: await finished(cluster, 'tenant'),
      pods: await runningPods(cluster, tenant.namespace),
      written: tenant.operator.statusWrites(),
      generation: (await tenant.stored()).metadata.generation,
    }
    const looped = () => Promise.resolve(tenant.operator.statusWrites() >= before.written + 3 || undefined)
    await until(looped, { what: 'three status writes', timeoutMs: 60_000, everyMs: 200 })
    expect(await webhookCalls(cluster)).toBe(before.calls)
    expect(await finished(cluster, 'tenant')).toBe(before.reconciled)
    expect(await runningPods(cluster, tenant.namespace)).toEqual(before.pods)
    expect((await tenant.stored()).metadata.generation).toBe(before.generation)
  })

  it('encrypts, with the identity in a volume of its own, and its status is left in peace', async () => {
    await using tenant = await startTenant(cluster, { annotations: { 'kes-injector.io/mount': 'additionalVolumes' } })
    await tenant.put('object', 'what was written')
    expect(await tenant.get('object')).toBe('what was written')
    expect(await tenant.mc('mc stat --json it/bucket/object')).toContain(`${tenant.namespace}_minio`)
    const { spec } = await tenant.stored()
    expect(spec).not.toHaveProperty('externalClientCertSecrets')
    expect(spec.env).toContainEqual({ name: 'MINIO_KMS_KES_CERT_FILE', value: '/run/kes-injector/tls.crt' })
    const pod = await cluster.client.get(pods, { namespace: tenant.namespace, name: 'store-pool-0-0' })
    const minio = pod?.spec?.containers.find(({ name }) => name === 'minio')
    expect(minio?.volumeMounts).toContainEqual({
      name: 'kes-injector',
      mountPath: '/run/kes-injector',
      readOnly: true,
    })
    expect(tenant.operator.statusWrites()).toBe(1)
  })

  it('encrypts on four servers, which all have the same settings', async () => {
    await using tenant = await startTenant(cluster, { servers: 4 })
    await tenant.put('object', 'what was written')
    expect(await tenant.get('object')).toBe('what was written')
    const status = await tenant.mc('mc admin info --json it')
    expect(status.match(/"state":"online"/g)?.length).toBeGreaterThanOrEqual(4)
  })
})
