import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { keyServers, secrets, type Secret } from '../../src/kube/resources.ts'
import { destroy, optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { describeInCluster, untilCondition, untilProductReady } from './cluster.ts'
import { get, put, startMinio } from './minio.ts'
import { makeKeyServer, untilKeyServerReady } from './ownKeyServer.ts'
import { lookedAgain } from './reconciles.ts'

describeInCluster('a Secret with key material that is lost', (cluster) => {
  const { client } = cluster
  const ref = (name: string) => ({ namespace: releaseNamespace, name })

  const restore = ({ metadata: { name, namespace, labels }, type, data, immutable }: Secret) =>
    client.create(secrets, { metadata: { name, namespace, labels }, type, data, immutable } as Secret)

  const lookAgain = (name: string) =>
    lookedAgain(cluster, 'keyServer', () =>
      client.mergePatch(keyServers, { name }, { metadata: { annotations: { poked: randomBytes(4).toString('hex') } } }),
    )

  it.each([
    ['authority-1', 'AuthorityLost', "the authority's Secret is gone. Restore it from a backup"],
    ['unseal', 'UnsealKeyLost', "the unseal key's Secret is gone. Restore it from a backup"],
    ['enclave-admin', 'AdminLost', 'the key pair of an administrator of KES is gone. Restore its Secret from a backup'],
  ])(
    '(%s) is never made anew, not even by a controller that starts: MinIO goes on, and its return heals',
    async (...row) => {
      const [material, reason, says] = row
      await using keyServer = await makeKeyServer(cluster)
      await using namespace = await cluster.makeNamespace({
        labels: optIn,
        annotations: { 'kes-injector.io/key-server': keyServer.name },
      })
      await startMinio(cluster, namespace.name)
      await put(cluster, namespace.name, 'before', 'written before')
      const { name } = keyServer
      const lost = `${keyServer.workload}-${material}`
      const backup = await client.get(secrets, ref(lost))
      if (!backup) throw new Error(`${lost} is not there`)

      await destroy(cluster, secrets, ref(lost))
      const condition = await untilCondition(cluster, keyServers, { name }, { type: 'Ready', status: 'False', reason })
      expect(condition.message).toContain(says)
      await lookAgain(name)
      await cluster.kubectl(['delete', 'pods', '-n', releaseNamespace, '-l', 'app.kubernetes.io/component=controller'])
      await untilProductReady(cluster)
      await lookAgain(name)
      expect(await client.get(secrets, ref(lost))).toBeUndefined()
      expect(await get(cluster, namespace.name, 'before')).toBe('written before')
      await put(cluster, namespace.name, 'during', 'written meanwhile')
      expect(await get(cluster, namespace.name, 'during')).toBe('written meanwhile')

      await restore(backup)
      await untilKeyServerReady(cluster, name)
      expect((await client.get(secrets, ref(lost)))?.data).toEqual(backup.data)
    },
  )

  it('is an alarm too when another one stands in its place', async () => {
    await using keyServer = await makeKeyServer(cluster)
    const { name } = keyServer
    await untilKeyServerReady(cluster, name)
    const lost = `${keyServer.workload}-unseal`
    const backup = await client.get(secrets, ref(lost))
    if (!backup) throw new Error(`${lost} is not there`)
    await destroy(cluster, secrets, ref(lost))
    const key = Buffer.from(randomBytes(32).toString('base64')).toString('base64')
    await restore({ ...backup, data: { key } })
    const wanted = { type: 'Ready', status: 'False', reason: 'UnsealKeyLost' } as const
    expect((await untilCondition(cluster, keyServers, { name }, wanted)).message).toContain(
      'is not the one that was recorded',
    )
    await destroy(cluster, secrets, ref(lost))
    await restore(backup)
    await untilKeyServerReady(cluster, name)
  })
})
