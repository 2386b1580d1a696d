import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyServers } from '../../src/kube/resources.ts'
import { openCluster, optIn, releaseNamespace, takesPods } from '../fixtures/clusterAccess.ts'
import { startCluster } from '../rig/cluster/cluster.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, type E2eCluster } from './cluster.ts'
import { kubectlKes } from './kubectlKes.ts'
import { get, handedOut, minioDeployment, minioPodOf, put, startMinio } from './minio.ts'
import { claims, untilKeyServerReady } from './ownKeyServer.ts'

const chart = join(import.meta.dirname, '../../charts/kes-injector')

describeInCluster('a cluster that is gone, its backup and a copy of the disk of MinIO', (cluster) => {
  it('is enough: in a new cluster, restored before the chart is installed, MinIO reads what it wrote in the old one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'elsewhere-'))
    const [file, passphrase] = [join(folder, 'kes.age'), join(folder, 'passphrase')]
    writeFileSync(passphrase, 'correct horse battery staple\n')
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'written in another cluster')
    const before = (await cluster.client.get(keyServers, { name: 'default' }))?.status
    const pair = await handedOut(cluster, namespace.name)
    const saved = await kubectlKes(cluster.tier.kubeconfig, [
      'backup',
      'default',
      '-f',
      file,
      '--passphrase-file',
      passphrase,
    ])
    expect(saved).toMatchObject({ code: 0 })
    const disk = await cluster.kubectl(
      [
        'exec',
        '-n',
        namespace.name,
        'deploy/minio',
        '-c',
        'minio',
        '--',
        'sh',
        '-c',
        'tar -C /export -cf - . | base64',
      ],
      { timeoutMs: 60_000 },
    )

    await using fresh = await startCluster({
      name: `elsewhere-${process.pid}`,
      images: ['kes-injector', 'kes-stateful', 'minio', 'mc'],
      syncFrequencyMs: 1_000,
    })
    const access = openCluster({ kubeconfig: fresh.kubeconfig, folder: fresh.folder, auditLog: fresh.auditLog })
    const elsewhere: E2eCluster = { ...access, tier: cluster.tier }
    try {
      await fresh.kubectl(['create', 'namespace', releaseNamespace])
      await takesPods(access, releaseNamespace)
      await fresh.kubectl(['apply', '--server-side', '-f', join(chart, 'crds')])
      const restored = await kubectlKes(fresh.kubeconfig, ['restore', file, '--passphrase-file', passphrase])
      expect(restored).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`${namespace.name}/kes-client`) as string,
      })

      // Installed as there: the same values, and Helm takes the restored KeyServer for its own.
      const values = await cluster.helm(['get', 'values', 'kes-injector', '-n', releaseNamespace, '-o', 'json'])
      writeFileSync(join(folder, 'values.json'), values)
      const how = [
        '-n',
        releaseNamespace,
        '--skip-crds',
        '--wait',
        '--timeout',
        '120s',
        '-f',
        join(folder, 'values.json'),
      ]
      await fresh.helm(['install', 'kes-injector', chart, ...how])
      await untilKeyServerReady(elsewhere, 'default')
      const after = (await access.client.get(keyServers, { name: 'default' }))?.status
      expect(after?.unsealKey).toEqual(before?.unsealKey)
      expect(after?.authority).toEqual(before?.authority)
      expect(after?.initializedAt).toBe(before?.initializedAt)
      expect(after?.keys).toEqual(expect.arrayContaining([...(before?.keys ?? [])]))

      await access.apply([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace.name, labels: optIn } },
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: { name: 'export', namespace: namespace.name },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ])
      await takesPods(access, namespace.name)
      const volumes = [{ name: 'disk', persistentVolumeClaim: { claimName: 'export' } }]
      const copied = [
        {
          name: 'copy',
          image: cluster.tier.mcImage,
          command: ['sh', '-c', 'until [ -e /disk/copied ]; do sleep 0.2; done'],
          volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ]
      const minio = {
        args: ['server', '/disk/export', '--address', ':9000'],
        volumeMounts: [{ name: 'disk', mountPath: '/disk' }],
      }
      await access.apply([minioDeployment(cluster.tier, namespace.name, { volumes, initContainers: copied }, minio)])
      const copying = async () => {
        const pod = await minioPodOf(elsewhere, namespace.name)
        return pod?.status?.initContainerStatuses?.some(({ state }) => state?.running) === true ? pod : undefined
      }
      const pod = await until(copying, { what: 'the pod that takes the disk', timeoutMs: 90_000, everyMs: 300 })
      const unpack = 'mkdir /disk/export && base64 -d | tar -C /disk/export -xf - && touch /disk/copied'
      const exec = ['exec', '-i', '-n', namespace.name, pod.metadata.name, '-c', 'copy', '--', 'sh', '-ec', unpack]
      await fresh.kubectl(exec, { stdin: disk, timeoutMs: 60_000 })
      await fresh.kubectl(['rollout', 'status', 'deploy/minio', '-n', namespace.name, '--timeout=120s'])

      expect(await get(elsewhere, namespace.name, 'object')).toBe('written in another cluster')
      const { keyPem, authorityPem } = await handedOut(elsewhere, namespace.name)
      expect({ same: keyPem === pair.keyPem, authorityPem }).toEqual({ same: true, authorityPem: pair.authorityPem })
      expect(await access.client.get(claims, { namespace: releaseNamespace, name: 'data-kes-default-0' })).toBeDefined()
    } finally {
      access.client.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
