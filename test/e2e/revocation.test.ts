import { expect, it } from 'vitest'
import type { KesIdentity } from '../../src/api/kesIdentity.ts'
import { kesIdentities, namespaces, secrets } from '../../src/kube/resources.ts'
import { optIn, refusal, releaseNamespace, takesPods } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { askKes } from './kes.ts'
import { handedOut, identityRef } from './minio.ts'

const ready = { type: 'Ready', status: 'True' } as const

describeInCluster('an identity that is deleted', (cluster) => {
  const { client, kubectl } = cluster
  const untilReady = (namespace: string, name = 'kes-client') =>
    untilCondition(cluster, kesIdentities, { namespace, name }, ready)
  const identityOf = async (namespace: string) => {
    const identity = await client.get(kesIdentities, identityRef(namespace))
    return { uid: identity?.metadata.uid, hex: identity?.status?.identity }
  }
  const keptPair = (namespace: string, name = 'kes-client') =>
    client.get(secrets, { namespace: releaseNamespace, name: `identity.${namespace}.${name}` })
  const refused = { code: 'NotAllowed' }

  it('is refused before it is gone, its pair is forgotten, and the next one has another key for the same keys', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await untilReady(name)
    const [former, pair] = [await identityOf(name), await handedOut(cluster, name)]
    const key = `${name}_minio`
    const { plaintext, ciphertext } = await askKes(cluster, 'default', pair, (kes) => kes.generate(key))

    const doomed = ['kesidentity', 'kes-client', '-n', name]
    expect(await refusal(kubectl(['delete', ...doomed]))).toContain('DeletionUnconfirmed')
    await kubectl(['annotate', ...doomed, 'kes-injector.io/confirm-delete=kes-client'])
    await kubectl(['delete', ...doomed, '--timeout=60s'])
    await askKes(cluster, 'default', pair, async (kes) => {
      await expect(kes.generate(key)).rejects.toMatchObject(refused)
      await expect(kes.decrypt(key, ciphertext)).rejects.toMatchObject(refused)
    })

    await until(async () => ((await identityOf(name)).uid === former.uid ? undefined : true), {
      what: 'another identity',
      timeoutMs: 60_000,
    })
    await untilReady(name)
    expect((await identityOf(name)).hex).not.toBe(former.hex)
    const next = await handedOut(cluster, name)
    expect(next.keyPem).not.toBe(pair.keyPem)
    expect(await askKes(cluster, 'default', next, (kes) => kes.decrypt(key, ciphertext))).toEqual(plaintext)
    await askKes(cluster, 'default', pair, (kes) => expect(kes.generate(key)).rejects.toMatchObject(refused))
  })

  it('goes with its namespace, and a namespace of that name does not get it back', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await untilReady(name)
    const [former, pair] = [await identityOf(name), await handedOut(cluster, name)]
    const key = `${name}_minio`
    const { plaintext, ciphertext } = await askKes(cluster, 'default', pair, (kes) => kes.generate(key))
    await kubectl(['delete', 'namespace', name, '--timeout=120s'])
    expect(await keptPair(name)).toBeUndefined()
    await askKes(cluster, 'default', pair, (kes) => expect(kes.generate(key)).rejects.toMatchObject(refused))

    await client.create(namespaces, { metadata: { name, labels: optIn } })
    await takesPods(cluster, name)
    await until(() => client.get(kesIdentities, identityRef(name)), { what: 'its identity', timeoutMs: 60_000 })
    await untilReady(name)
    expect((await identityOf(name)).hex).not.toBe(former.hex)
    const next = await handedOut(cluster, name)
    expect(await askKes(cluster, 'default', next, (kes) => kes.decrypt(key, ciphertext))).toEqual(plaintext)
  })

  it('may be one that somebody made by hand in a namespace that is not labelled, with a policy of its own', async () => {
    await using namespace = await cluster.makeNamespace()
    const { name } = namespace
    const backup: Pick<KesIdentity, 'apiVersion' | 'kind'> & { readonly metadata: object; readonly spec: object } = {
      apiVersion: 'kes-injector.io/v1alpha1',
      kind: 'KesIdentity',
      metadata: { name: 'backup', namespace: name },
      spec: {
        keyServerRef: { name: 'default' },
        policy: { allow: ['/v1/key/generate/other_*'], deny: ['/v1/key/list/*'] },
      },
    }
    await cluster.create([backup])
    const invalid = { type: 'Ready', status: 'False', reason: 'PolicyInvalid' } as const
    const said = await untilCondition(cluster, kesIdentities, { namespace: name, name: 'backup' }, invalid)
    expect(said.message).toContain('lies outside the keys of this namespace')
    expect(await keptPair(name, 'backup')).toBeUndefined()

    const mended = { spec: { policy: { allow: [], deny: ['/v1/key/list/*'] } } }
    await client.mergePatch(kesIdentities, { namespace: name, name: 'backup' }, mended)
    await untilReady(name, 'backup')
    const pair = await handedOut(cluster, name)
    await askKes(cluster, 'default', pair, async (kes) => {
      await kes.generate(`${name}_minio`)
      await expect(kes.listKeys(`${name}_*`)).rejects.toMatchObject(refused)
    })

    const doomed = ['kesidentity', 'backup', '-n', name]
    await kubectl(['annotate', ...doomed, 'kes-injector.io/confirm-delete=backup'])
    await kubectl(['delete', ...doomed, '--timeout=60s'])
    await askKes(cluster, 'default', pair, (kes) =>
      expect(kes.generate(`${name}_minio`)).rejects.toMatchObject(refused),
    )
    expect(await client.get(secrets, { namespace: name, name: 'kes-client' })).toBeUndefined()
    expect(await keptPair(name, 'backup')).toBeUndefined()
  })
})
