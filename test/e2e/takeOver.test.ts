import { cpSync, chownSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { keyServers, secrets } from '../../src/kube/resources.ts'
import { destroy, optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { handMadeKey, makeByHand, type HandMade } from '../integration/kes/handMade.ts'
import { ensureProgram } from '../rig/programs/programs.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { askKes } from './kes.ts'
import { get, put, startMinio } from './minio.ts'
import { claims, makeKeyServer, untilKeyServerReady } from './ownKeyServer.ts'

const claim = 'kes-by-hand'

describeInCluster('a stateful KES that was made by hand, on a volume that root has written', (cluster) => {
  const { client, tier } = cluster
  let made: HandMade
  beforeAll(async () => {
    const kes = await ensureProgram('kes-stateful')
    made = await makeByHand({ kes, launcher: await ensureProgram('kes-launcher') })
  }, 600_000)
  afterAll(async () => {
    made.remove()
    await destroy(cluster, claims, { namespace: releaseNamespace, name: claim })
  })

  const secret = (name: string, data: Readonly<Record<string, string>>) =>
    client.create(secrets, {
      metadata: { namespace: releaseNamespace, name },
      type: 'Opaque',
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
    })

  /** The pod of its former life: as long as it is there, the volume is its. */
  const former = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: releaseNamespace, name: 'kes-of-old' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'kes',
          image: tier.mcImage,
          command: ['sleep', '1000000'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
    },
  }

  async function layOnVolume(): Promise<void> {
    const bound = await cluster.read<{ spec: { volumeName: string } }>(['get', 'pvc', claim, '-n', releaseNamespace])
    const volume = await cluster.read<{ spec: { local?: { path: string }; hostPath?: { path: string } } }>([
      'get',
      'pv',
      bound.spec.volumeName,
    ])
    const path = volume.spec.local?.path ?? volume.spec.hostPath?.path ?? ''
    const onHost = path.startsWith(tier.folder) ? path : join(tier.folder, path)
    cpSync(made.data, join(onHost, 'root', 'kes-data'), { recursive: true, preserveTimestamps: true })
    for (const name of readdirSync(onHost, { recursive: true, encoding: 'utf8' })) chownSync(join(onHost, name), 0, 0)
    expect(statSync(join(onHost, 'root/kes-data/.unseal'))).toMatchObject({ uid: 0, gid: 0 })
  }

  it('becomes a KeyServer: nothing is encrypted again, its own clients go on, and namespaces join', async () => {
    await cluster.create([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { namespace: releaseNamespace, name: claim },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
      former,
    ])
    await cluster.kubectl(['wait', 'pod/kes-of-old', '-n', releaseNamespace, '--for=condition=Ready', '--timeout=120s'])
    await layOnVolume()
    await secret('by-hand-unseal', { key: `${made.unsealKey}\n` })
    await secret('by-hand-admin', { 'public.crt': made.admin.certificatePem, 'private.key': made.admin.keyPem })

    const existing = {
      claimName: claim,
      dataPath: 'root/kes-data',
      unsealSecretRef: { name: 'by-hand-unseal' },
      adminSecretRef: { name: 'by-hand-admin' },
    }
    await using keyServer = await makeKeyServer(cluster, { stateful: { existing } })
    const { name, workload } = keyServer
    const inUse = { type: 'Ready', status: 'False', reason: 'VolumeInUse' } as const
    expect((await untilCondition(cluster, keyServers, { name }, inUse)).message).toContain('kes-of-old')
    expect(
      (await cluster.kubectl(['get', 'statefulsets', '-n', releaseNamespace, '-o', 'name'])).includes(workload),
    ).toBe(false)

    await cluster.kubectl(['delete', 'pod', 'kes-of-old', '-n', releaseNamespace, '--now'])
    await untilKeyServerReady(cluster, name)
    expect((await client.get(keyServers, { name }))?.status?.keys).toEqual(['kes-injector-check', handMadeKey])
    for (const each of ['by-hand-unseal', 'by-hand-admin'])
      await cluster.kubectl(['delete', 'secret', each, '-n', releaseNamespace])

    // Its claim has a name of its own: a label puts it under the guard.
    await cluster.kubectl(['label', 'pvc', claim, '-n', releaseNamespace, `kes-injector.io/key-server=${name}`])
    const deletion = cluster.kubectl(['delete', 'pvc', claim, '-n', releaseNamespace, '--wait=false'])
    await expect(deletion).rejects.toThrow('DeletionUnconfirmed')

    // What its clients have from before: the very pair, the very ciphertext; only the authority is another.
    const authority = await client.get(secrets, { namespace: releaseNamespace, name: `${workload}-authority-1` })
    const authorityPem = Buffer.from(authority?.data?.['tls.crt'] ?? '', 'base64').toString()
    const opened = await askKes(cluster, name, { ...made.minio, authorityPem }, (kes) =>
      kes.decrypt(handMadeKey, made.sealed.ciphertext),
    )
    expect(opened).toEqual(made.sealed.plaintext)

    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': name },
    })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'after the take-over')
    expect(await get(cluster, namespace.name, 'object')).toBe('after the take-over')
    await cluster.kubectl(['delete', 'pod', `${workload}-0`, '-n', releaseNamespace])
    await untilCondition(cluster, keyServers, { name }, { type: 'Ready', status: 'False' })
    await untilKeyServerReady(cluster, name)
    expect(await get(cluster, namespace.name, 'object')).toBe('after the take-over')
  })
})
