import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kesIdentities, keyServers, pods, secrets, type Pod } from '../../src/kube/resources.ts'
import { destroy, optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { run } from '../rig/command.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition, untilRolledOut } from './cluster.ts'
import { encryptionOf, get, identityRef, minioDeployment, minioPodOf, put } from './minio.ts'
import { startTenant } from './operatorTenant.ts'
import { startSecretsManager, type SecretsManager } from './secretsManager.ts'

const restricted = { ...optIn, 'pod-security.kubernetes.io/enforce': 'restricted' }

describeInCluster('a KES inside MinIO pods, before AWS Secrets Manager (played by moto)', (cluster) => {
  const { client, kubectl, tier } = cluster
  const keyServer = `in-pods-${randomBytes(3).toString('hex')}`
  const annotations = { 'kes-injector.io/key-server': keyServer }
  let manager: SecretsManager

  beforeAll(async () => {
    manager = await startSecretsManager(tier)
    await client.create(secrets, {
      metadata: { namespace: releaseNamespace, name: keyServer },
      stringData: { 'server-config.yaml': manager.keystore },
    })
    const spec = { server: { placement: 'Sidecar', keystoreSecretRef: { name: keyServer } } }
    await cluster.create([
      { apiVersion: 'kes-injector.io/v1alpha1', kind: 'KeyServer', metadata: { name: keyServer }, spec },
    ])
    await untilCondition(cluster, keyServers, { name: keyServer }, { type: 'Ready', status: 'True' })
  })
  afterAll(async () => {
    await destroy(cluster, keyServers, { name: keyServer })
    await destroy(cluster, secrets, { namespace: releaseNamespace, name: `kes-${keyServer}-authority-1` })
    await client.delete(secrets, { namespace: releaseNamespace, name: keyServer })
    await manager.stop()
  })

  const stateOf = ({ status }: Pod, container: string) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
      ({ name }) => name === container,
    )

  it('encrypts for a plain MinIO in a restricted namespace; another pod reads it again, and the old one goes at once', async () => {
    await using own = await cluster.makeNamespace({ labels: restricted, annotations })
    const namespace = own.name
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }
    const deployment = minioDeployment(
      tier,
      namespace,
      { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
      { args: ['server', '/data', '--address', ':9000'], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    )
    await cluster.apply([claim, deployment])
    await untilRolledOut(cluster, namespace, 'deployment/minio')
    const enrolled = await untilCondition(cluster, kesIdentities, identityRef(namespace), {
      type: 'Enrolled',
      status: 'True',
    })
    expect(enrolled.reason).toBe('Configured')
    await put(cluster, namespace, 'object', 'what was written')
    expect(await get(cluster, namespace, 'object')).toBe('what was written')
    expect(await encryptionOf(cluster, namespace, 'object')).toContain(`${namespace}_minio`)

    const pod = await minioPodOf(cluster, namespace)
    if (!pod) throw new Error('there is no pod')
    // KES answered before MinIO was started, and neither was ever started again.
    const [kes, minio] = [stateOf(pod, 'kes'), stateOf(pod, 'minio')]
    expect([kes?.started, kes?.restartCount, minio?.restartCount]).toEqual([true, 0, 0])
    expect(new Date(kes?.state?.running?.startedAt ?? 0) <= new Date(minio?.state?.running?.startedAt ?? 0)).toBe(true)

    // Nobody outside the pod can dial it: not even the node, where the kubelet is.
    const [program = '', ...args] = tier.inNetwork
    const dial = `exec 3<>/dev/tcp/${pod.status?.podIP ?? ''}`
    await expect(run(program, [...args, 'bash', '-c', `${dial}/7373`])).rejects.toThrow('refused')
    await run(program, [...args, 'bash', '-c', `${dial}/9000`])

    const before = Date.now()
    await kubectl(['delete', 'pod', '-n', namespace, pod.metadata.name, '--wait', '--timeout=30s'])
    expect(Date.now() - before).toBeLessThan(10_000)
    await untilRolledOut(cluster, namespace, 'deployment/minio')
    expect(await get(cluster, namespace, 'object')).toBe('what was written')
  })

  it('encrypts for a Tenant, whose pods get KES and nothing else of ours', async () => {
    await using tenant = await startTenant(cluster, { annotations })
    await tenant.put('object', 'what was written')
    expect(await tenant.get('object')).toBe('what was written')
    expect(await tenant.mc('mc stat --json it/bucket/object')).toContain(`${tenant.namespace}_minio`)
    const { spec } = await tenant.stored()
    expect(spec.env).toContainEqual({ name: 'MINIO_KMS_KES_ENDPOINT', value: 'https://127.0.0.1:7373' })
    const pod = await client.get(pods, { namespace: tenant.namespace, name: 'store-pool-0-0' })
    expect(pod?.spec?.initContainers?.at(-1)).toMatchObject({ name: 'kes', restartPolicy: 'Always' })
    expect(JSON.stringify(pod?.spec?.containers)).not.toContain('MINIO_KMS_KES_ENDPOINT')
    expect(pod && stateOf(pod, 'kes')?.restartCount).toBe(0)
  })

  it('lets a Job end', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn, annotations })
    const minio = { name: 'minio', image: tier.minioImage, command: ['sh', '-c', 'sleep 1'] }
    const template = { spec: { restartPolicy: 'Never', containers: [minio] } }
    await cluster.apply([
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once', namespace: own.name }, spec: { template } },
    ])
    await kubectl(['wait', 'job/once', '-n', own.name, '--for=condition=Complete', '--timeout=90s'])
    const { items } = await client.list(pods, { namespace: own.name, labelSelector: 'job-name=once' })
    expect(items.map((each) => stateOf(each, 'kes')?.state?.terminated !== undefined)).toEqual([true])
  })

  it('goes on from its memory while the key management system is away, and is not restarted for that', async () => {
    await using own = await cluster.makeNamespace({ labels: optIn, annotations })
    const namespace = own.name
    await cluster.apply([minioDeployment(tier, namespace)])
    await untilRolledOut(cluster, namespace, 'deployment/minio')
    await put(cluster, namespace, 'object', 'what was written')
    await manager.stop()
    expect(await get(cluster, namespace, 'object')).toBe('what was written')
    await put(cluster, namespace, 'meanwhile', 'written without it')
    expect(await get(cluster, namespace, 'meanwhile')).toBe('written without it')
    const pod = await until(() => minioPodOf(cluster, namespace), { what: 'the pod', timeoutMs: 5_000 })
    expect(stateOf(pod, 'kes')?.restartCount).toBe(0)
  })
})
