import { describe, expect, it } from 'vitest'
import { annotations, revocationFinalizer } from '../../../../src/api/names.ts'
import type { KesIdentity } from '../../../../src/api/kesIdentity.ts'
import { kesIdentities, keyServers, secrets } from '../../../../src/kube/resources.ts'
import { kesIdentity } from '../identities.ts'
import { now } from '../pairs.ts'
import { conditionOf, handedOut, newCluster, releaseNamespace, run, type Cluster } from './reconcilerWorld.ts'

const key = 'team-a/kes-client'
const ref = { namespace: 'team-a', name: 'kes-client' }
const keptRef = { namespace: releaseNamespace, name: 'identity.team-a.kes-client' }

const stored = ({ client }: Cluster): KesIdentity => {
  const identity = client.at(kesIdentities, ref)
  if (!identity) throw new Error('it is gone')
  return identity
}
/** An identity in use that somebody deleted, as the API server keeps it while it has a finalizer. */
async function deleted(): Promise<Cluster> {
  const cluster = newCluster(kesIdentity())
  await run(cluster, key)
  const identity = stored(cluster)
  expect(identity.metadata.finalizers).toEqual([revocationFinalizer])
  cluster.client.place(kesIdentities, {
    ...identity,
    metadata: { ...identity.metadata, deletionTimestamp: now.toISOString() },
  })
  return cluster
}
const since = (list: readonly string[], from: number) => list.slice(from)

describe('an identity that is deleted', () => {
  it('is withdrawn, seen refused with a call of its own, forgotten, and only then let go', async () => {
    const cluster = await deleted()
    const [calls, writes] = [cluster.kes.calls.length, cluster.client.writes.length]
    await run(cluster, key)
    const called = since(cluster.kes.calls, calls).filter((call) => /^(delete|generate)/.test(call))
    expect(called.slice(0, 3)).toEqual(['delete identity', 'delete policy team-a_kes-client', 'generate team-a_minio'])
    expect(since(cluster.client.writes, writes).filter((each) => !each.startsWith('updateStatus'))).toEqual([
      'delete secrets team-a/kes-client',
      'update secrets kes-system/identity.team-a.kes-client',
      'delete secrets kes-system/identity.team-a.kes-client',
      'update kesidentities team-a/kes-client',
    ])
    expect(stored(cluster).metadata.finalizers).toEqual([])
    expect(conditionOf(cluster, 'kes-client', 'Revoked')).toMatchObject({ status: 'True' })
    expect(cluster.told.at(-1)).toBe('Refused')
  })

  it('names the kept pair before it deletes it, as the guard asks of everybody', async () => {
    const cluster = await deleted()
    const seen: unknown[] = []
    cluster.client.onWrite = (moment) => {
      const kept = cluster.client.at(secrets, keptRef)
      if (moment === 'before') seen.push(kept?.metadata.annotations?.[annotations.confirmDelete])
    }
    await run(cluster, key)
    expect(seen).toContain(keptRef.name)
  })

  it('waits for a key server that does not answer, its pair untouched', async () => {
    const cluster = await deleted()
    cluster.kes.running = false
    expect(await run(cluster, key)).toBe(15_000)
    expect(cluster.client.at(secrets, keptRef)).toBeDefined()
    expect(handedOut(cluster)).toBeDefined()
    expect(stored(cluster).metadata.finalizers).toEqual([revocationFinalizer])
    expect(conditionOf(cluster, 'kes-client', 'Revoked')).toMatchObject({ reason: 'KeyServerUnreachable' })
    cluster.kes.running = true
    await run(cluster, key)
    expect(stored(cluster).metadata.finalizers).toEqual([])
  })

  it('finds what has its policy although status and pair are lost', async () => {
    const cluster = await deleted()
    await cluster.client.delete(secrets, keptRef)
    const { status: _, ...rest } = stored(cluster)
    cluster.client.place(kesIdentities, rest)
    const calls = cluster.kes.calls.length
    await run(cluster, key)
    expect(since(cluster.kes.calls, calls)).toContain('delete identity')
    expect(stored(cluster).metadata.finalizers).toEqual([])
  })

  it('does not wait where its KeyServer is gone', async () => {
    const cluster = await deleted()
    cluster.kes.running = false
    await cluster.client.delete(keyServers, { name: 'default' })
    await run(cluster, key)
    expect(stored(cluster).metadata.finalizers).toEqual([])
    expect(cluster.client.at(secrets, keptRef)).toBeUndefined()
    expect(cluster.told.at(-1)).toBe('KeyServerGone')
  })

  it("leaves a Secret alone that is somebody else's by now", async () => {
    const cluster = await deleted()
    const theirs = { metadata: { ...ref }, data: { theirs: 'eA==' } }
    cluster.client.place(secrets, theirs)
    await run(cluster, key)
    expect(handedOut(cluster)?.data).toEqual(theirs.data)
    expect(stored(cluster).metadata.finalizers).toEqual([])
  })

  it('comes back under its name with another key, and nothing of the former one', async () => {
    const cluster = await deleted()
    const former = cluster.client.at(secrets, keptRef)?.data?.['tls.key']
    const hex = stored(cluster).status?.identity
    await run(cluster, key)
    cluster.client.place(kesIdentities, kesIdentity())
    await run(cluster, key)
    expect(conditionOf(cluster, 'kes-client')).toMatchObject({ status: 'True' })
    expect(stored(cluster).status?.identity).not.toBe(hex)
    expect(handedOut(cluster)?.data?.['tls.key']).not.toBe(former)
  })

  it.each([...Array(9).keys()])('ends the same where the controller dies at its write number %i', async (dies) => {
    for (const when of ['before', 'after'] as const) {
      const cluster = await deleted()
      let writes = 0
      cluster.client.onWrite = (moment) => {
        if (moment === when && writes++ === dies) throw new Error('killed')
      }
      await run(cluster, key).catch((error: unknown) => expect(String(error)).toContain('killed'))
      cluster.client.onWrite = () => undefined
      await run(cluster, key)
      expect(stored(cluster).metadata.finalizers).toEqual([])
      expect(cluster.client.at(secrets, keptRef)).toBeUndefined()
      expect(handedOut(cluster)).toBeUndefined()
    }
  })
})
