import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { KesError } from '../../src/kes/kesError.ts'
import { kesIdentities, namespaces, secrets, type Secret } from '../../src/kube/resources.ts'
import { destroy, optIn, refusal, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { minioPod } from '../apiserver/objects.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { askKes } from './kes.ts'
import { handedOut, identityRef } from './minio.ts'
import { identity } from './openssl.ts'
import { makeKeyServer } from './ownKeyServer.ts'

const ready = { type: 'Ready', status: 'True' } as const

describeInCluster('the identity of a namespace', (cluster) => {
  const { client } = cluster
  const untilHandedOut = (namespace: string) => untilCondition(cluster, kesIdentities, identityRef(namespace), ready)
  const clientSecret = (namespace: string) => client.get(secrets, { namespace, name: 'kes-client' })

  it('comes back byte for byte when its Secret is lost', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await untilHandedOut(namespace.name)
    const before = await clientSecret(namespace.name)
    await client.delete(secrets, { namespace: namespace.name, name: 'kes-client' })
    const restored = await until(() => clientSecret(namespace.name), { what: 'the Secret', timeoutMs: 60_000 })
    expect(restored.metadata.uid).not.toBe(before?.metadata.uid)
    expect(restored.data).toEqual(before?.data)
    expect(Object.keys(restored.data ?? {}).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key'])
    expect(restored.type).toBe('kubernetes.io/tls')
  })

  it('comes back byte for byte when the kept pair in the namespace of the release is lost', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await untilHandedOut(namespace.name)
    const kept = { namespace: releaseNamespace, name: `identity.${namespace.name}.kes-client` }
    const before = await client.get(secrets, kept)
    await destroy(cluster, secrets, kept)
    const restored = await until(() => client.get(secrets, kept), { what: 'the kept pair', timeoutMs: 60_000 })
    expect(restored.data).toEqual(before?.data)
    expect((await clientSecret(namespace.name))?.data).toMatchObject({ ...before?.data })
  })

  it('is put right when somebody writes into its Secret', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await untilHandedOut(name)
    const before = await clientSecret(name)
    const garbage = { data: { 'tls.crt': Buffer.from('garbage').toString('base64') } }
    await client.mergePatch(secrets, { namespace: name, name: 'kes-client' }, garbage)
    const right = async () => isDeepStrictEqual((await clientSecret(name))?.data, before?.data) || undefined
    await until(right, { what: 'the Secret to be as it was', timeoutMs: 60_000, everyMs: 100 })
  })

  it.each(['of nobody', 'of another namespace'])(
    'is not written over a Secret %s that somebody put there; it says so, and goes on when that is gone',
    async (whose) => {
      await using other = await cluster.makeNamespace({ labels: optIn })
      await using namespace = await cluster.makeNamespace()
      const { name } = namespace
      await untilHandedOut(other.name)
      // As a backup of one namespace that is restored into another one.
      const copy = (await clientSecret(other.name)) as Secret
      const theirs = { 'tls.crt': Buffer.from('theirs').toString('base64') }
      const { labels, data } =
        whose === 'of nobody' ? { labels: {}, data: theirs } : { labels: copy.metadata.labels, data: copy.data }
      await client.create(secrets, { metadata: { namespace: name, name: 'kes-client', labels }, data } as Secret)
      await client.mergePatch(namespaces, { name }, { metadata: { labels: optIn } })
      const conflict = { type: 'Ready', status: 'False', reason: 'SecretConflict' } as const
      const said = await untilCondition(cluster, kesIdentities, identityRef(name), conflict)
      expect(said.message).toBe(
        "the Secret kes-client is not this identity's; rename or delete it, it is not written over",
      )
      expect((await clientSecret(name))?.data).toEqual(data)
      await client.delete(secrets, { namespace: name, name: 'kes-client' })
      await untilHandedOut(name)

      const [mine, others] = [await handedOut(cluster, name), await handedOut(cluster, other.name)]
      expect(await identity(mine.certificatePem)).not.toBe(await identity(others.certificatePem))
      await askKes(cluster, 'default', mine, (kes) => kes.generate(`${name}_minio`))
      await askKes(cluster, 'default', others, (kes) => kes.generate(`${other.name}_minio`))
    },
  )

  it('is not made where the KeyServer does not admit the namespace, and made as soon as it does', async () => {
    await using keyServer = await makeKeyServer(cluster, {
      namespaces: { selector: { matchLabels: { 'test.kes-injector.io/admitted': 'yes' } } },
    })
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': keyServer.name },
    })
    const { name } = namespace
    const notAllowed = { type: 'Ready', status: 'False', reason: 'KeyServerNotAllowed' } as const
    await untilCondition(cluster, kesIdentities, identityRef(name), notAllowed)
    expect(await refusal(cluster.create([minioPod(name, 'minio')]))).toContain('KeyServerNotAllowed')
    expect(await clientSecret(name)).toBeUndefined()
    const kept = { namespace: releaseNamespace, name: `identity.${name}.kes-client` }
    expect(await client.get(secrets, kept)).toBeUndefined()

    await client.mergePatch(namespaces, { name }, { metadata: { labels: { 'test.kes-injector.io/admitted': 'yes' } } })
    await untilHandedOut(name)
    expect(await clientSecret(name)).toBeDefined()
  })

  it('opens the keys of its own namespace and is refused those of another one', async () => {
    await using first = await cluster.makeNamespace({ labels: optIn })
    await using second = await cluster.makeNamespace({ labels: optIn })
    for (const { name } of [first, second]) await untilHandedOut(name)
    const [mine, theirs] = [await handedOut(cluster, first.name), await handedOut(cluster, second.name)]
    const key = `${first.name}_minio`
    const { ciphertext } = await askKes(cluster, 'default', mine, (kes) => kes.generate(key))
    await askKes(cluster, 'default', theirs, async (kes) => {
      for (const attempt of [
        () => kes.generate(key),
        () => kes.decrypt(key, ciphertext),
        () => kes.describeKey(key),
        () => kes.createKey(key),
        () => kes.createKey(`${second.name}_more`),
        () => kes.listIdentities('*'),
      ]) {
        const refused: unknown = await attempt().catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(KesError)
        expect(refused).toMatchObject({ code: 'NotAllowed' })
      }
    })
    await expect(askKes(cluster, 'default', mine, (kes) => kes.decrypt(key, ciphertext))).resolves.toHaveLength(32)
  })
})
