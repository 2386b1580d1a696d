import { describe, expect, it } from 'vitest'
import { isTrue } from '../../../../src/api/conditions.ts'
import { enrolServer } from '../../../../src/controller/kesIdentity/enrolServer.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { KesError } from '../../../../src/kes/kesError.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { keyServers, secrets } from '../../../../src/kube/resources.ts'
import { kesIdentity } from '../identities.ts'
import { newAuthority, now, storedLeaf } from '../pairs.ts'
import {
  at,
  bringUp,
  configOf,
  good,
  issued,
  newCluster as newClusterOf,
  nodeWorks,
  run,
  section,
  statusOf,
  wrong,
  type Cluster,
} from './world.ts'
const pair = storedLeaf(newAuthority()).pem
const hex = identityOf(pair.certificatePem)
const ours = issued('team-a', hex)
const newCluster = (identities = [ours]): Cluster => newClusterOf(identities)

const says = (cluster: Cluster, type: Parameters<typeof isTrue>[1]) => isTrue(statusOf(cluster)?.conditions, type)
const enrolmentOf = (cluster: Cluster) => {
  const stored = cluster.client.at(keyServers, { name: 'default' })
  if (!stored) throw new Error('it went away')
  return enrolServer(cluster.kes).observe({ identity: ours, keyServer: stored, pair, hex, keyName: 'team-a_minio' })
}

describe('bringing up a current KES', () => {
  it('makes each thing once and ends ready with every wanted key and identity', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const created = cluster.client.writes.filter((each) => each.startsWith('create '))
    expect(created).toEqual(
      ['authority-1', 'admin', 'server', 'config'].map((name) => `create secrets kes-system/kes-default-${name}`),
    )
    expect(cluster.kes.created).toEqual([checkKey, 'team-a_minio'])
    expect(says(cluster, 'Ready')).toBe(true)
    expect(says(cluster, 'ConfigurationLoaded')).toBe(true)
    expect(await enrolmentOf(cluster)).toMatchObject({ is: 'known', policy: true, assigned: true, call: 'succeeded' })
  })

  it('tries an identity with a key that it was granted, which it never makes', async () => {
    const using = { ...ours, spec: { ...ours.spec, keyName: 'old-key' } }
    const cluster = newCluster([using])
    const stored = () => {
      const keyServer = cluster.client.at(keyServers, { name: 'default' })
      if (!keyServer) throw new Error('it went away')
      return keyServer
    }
    const grants = [{ namespace: 'team-a', keys: ['old-key'] }]
    await cluster.client.update(keyServers, { ...stored(), spec: { ...stored().spec, grants } })
    await bringUp(cluster)
    expect(cluster.kes.created).toEqual([checkKey])
    const enrolment = () =>
      enrolServer(cluster.kes).observe({ identity: using, keyServer: stored(), pair, hex, keyName: 'old-key' })
    expect(await enrolment()).toMatchObject({ call: { failed: expect.any(String) as string } })
    cluster.kes.keys.add('old-key')
    expect(await enrolment()).toMatchObject({ policy: true, assigned: true, call: 'succeeded' })
    expect(cluster.kes.created).toEqual([checkKey])
  })

  it('does nothing at all once it is up', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    await run(cluster)
    const { length } = cluster.client.writes
    await run(cluster)
    expect(cluster.client.writes).toHaveLength(length)
  })

  it('puts no secret into the status', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    expect(JSON.stringify(statusOf(cluster))).not.toMatch(/hunter2|PRIVATE KEY/)
  })
})

describe('a controller that is killed at any write', () => {
  const writes = 18
  const kills = Array.from({ length: writes }, (_, index) => index + 1).flatMap((nth) => [
    [nth, 'before'] as const,
    [nth, 'after'] as const,
  ])

  it('has so many chances to die', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    expect(cluster.client.writes.length + cluster.kes.created.length).toBe(writes)
  })

  it.each(kills)('(the %i. one, just %s it) ends with the same server', async (nth, when) => {
    const cluster = newCluster()
    let [count, deaths] = [0, 0]
    cluster.client.onWrite = cluster.kes.onWrite = (moment) => {
      if (moment === 'before') count++
      if (count === nth && moment === when) throw new Error('killed')
    }
    for (let lives = 0; lives < 6; lives++) {
      await run(cluster).catch((error: unknown) => {
        if (!(error instanceof Error && error.message === 'killed')) throw error
        deaths++
      })
      nodeWorks(cluster)
    }
    expect(deaths).toBe(1)
    const created = cluster.client.writes.filter((each) => each.startsWith('create '))
    expect(new Set(created).size).toBe(created.length)
    expect(cluster.kes.created).toEqual([checkKey, 'team-a_minio'])
    expect(says(cluster, 'Ready')).toBe(true)
    expect(await enrolmentOf(cluster)).toMatchObject({ call: 'succeeded' })
  })
})

describe('a running server', () => {
  it('keeps the last good configuration while the section is wrong, and takes it up again', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const before = configOf(cluster)
    cluster.client.place(secrets, section(wrong))
    await run(cluster)
    expect(configOf(cluster)).toBe(before)
    expect(says(cluster, 'KeystoreValid')).toBe(false)
    expect(statusOf(cluster)?.configuration?.problem).toContain('line 2')
    expect(await enrolmentOf(cluster)).toMatchObject({ call: 'succeeded' })
    cluster.client.place(secrets, section(good))
    await run(cluster)
    expect(says(cluster, 'Ready')).toBe(true)
  })

  it('hands out nothing before every replica knows the identity', async () => {
    const cluster = newCluster([])
    await bringUp(cluster)
    cluster.kes.asleep.add('kes-default-1')
    cluster.identities = [ours]
    await run(cluster)
    cluster.kes.reload()
    await run(cluster)
    expect(await enrolmentOf(cluster)).toMatchObject({
      assigned: false,
      waitsFor: { reason: 'ConfigurationLoading', message: 'until kes-default-1 has loaded it' },
    })
    expect(says(cluster, 'ConfigurationLoaded')).toBe(false)
    cluster.kes.asleep.clear()
    cluster.kes.reload()
    await run(cluster)
    expect(await enrolmentOf(cluster)).toMatchObject({ call: 'succeeded' })
  })

  it('forgets an identity that is being deleted, and it is seen refused', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const stored = cluster.client.at(keyServers, { name: 'default' })
    if (!stored) throw new Error('it went away')
    const enroller = enrolServer(cluster.kes)
    const leaver = { identity: ours, keyServer: stored, pair, hex, keyName: 'team-a_minio' }
    expect(await enroller.observeWithdrawal(leaver)).toMatchObject({
      listed: true,
      waitsFor: { reason: 'ConfigurationLoading' },
    })
    cluster.identities = [{ ...ours, metadata: { ...ours.metadata, deletionTimestamp: now.toISOString() } }]
    await run(cluster)
    cluster.kes.reload()
    expect(await enroller.observeWithdrawal(leaver)).toEqual({ is: 'known', listed: false, call: 'refused' })
  })

  it('loses nothing and makes nothing while its key store is away, and goes on by itself', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    cluster.kes.keystoreReachable = false
    const before = configOf(cluster)
    cluster.identities = [ours, issued('team-b', 'b'.repeat(64))]
    await run(cluster)
    expect(configOf(cluster)).toBe(before)
    expect(says(cluster, 'Serving')).toBe(true)
    expect(says(cluster, 'Stalled')).toBe(false)
    expect(says(cluster, 'KeystoreReachable')).toBe(false)
    cluster.kes.keystoreReachable = true
    await bringUp(cluster)
    expect(cluster.kes.created).toEqual([checkKey, 'team-a_minio', 'team-b_minio'])
    expect(says(cluster, 'Ready')).toBe(true)
  })

  it('stops where a recorded key is gone, and makes it not again', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    cluster.kes.keys.delete('team-a_minio')
    await run(cluster)
    expect(says(cluster, 'Stalled')).toBe(true)
    expect(cluster.kes.created).toEqual([checkKey, 'team-a_minio'])
  })

  it('makes the other keys where its key store refuses one', async () => {
    const cluster = newCluster([ours, issued('team-b', 'b'.repeat(64)), issued('team-c', 'c'.repeat(64))])
    cluster.kes.refuses.add('team-a_minio')
    for (let round = 0; round < 3; round++) {
      await run(cluster).catch((error: unknown) => expect(error).toBeInstanceOf(KesError))
      nodeWorks(cluster)
    }
    expect(cluster.kes.created).toEqual([checkKey, 'team-b_minio', 'team-c_minio'])
  })

  it('gets itself another administrator where its pair is lost: no key hangs on it', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const { status } = cluster.client.at(keyServers, { name: 'default' }) ?? {}
    await cluster.client.delete(secrets, at('kes-default-admin'))
    await run(cluster)
    expect(says(cluster, 'Serving')).toBe(false)
    await bringUp(cluster)
    expect(says(cluster, 'Ready')).toBe(true)
    expect(statusOf(cluster)?.authority).toEqual(status?.authority)
    expect(statusOf(cluster)?.configuration?.hash).not.toBe(status?.configuration?.hash)
    expect(await enrolmentOf(cluster)).toMatchObject({ call: 'succeeded' })
  })

  it('writes back what somebody else wrote into its configuration', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const before = configOf(cluster)
    const secret = cluster.client.at(secrets, at('kes-default-config'))
    if (!secret) throw new Error('there is none')
    const data = { 'server-config.yaml': Buffer.from('version: v1').toString('base64') }
    cluster.client.place(secrets, { ...secret, data })
    await run(cluster)
    expect(configOf(cluster)).toBe(before)
  })

  it('keeps an identity in whose status was lost, as long as its pair is kept', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const kept = { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem }
    const data = Object.fromEntries(
      Object.entries(kept).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    )
    cluster.client.place(secrets, { metadata: at('identity.team-a.kes-client'), data })
    const before = configOf(cluster)
    cluster.identities = [kesIdentity()]
    await run(cluster)
    expect(configOf(cluster)).toBe(before)
  })
})
