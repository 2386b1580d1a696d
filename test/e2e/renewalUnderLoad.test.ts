import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import type { Usage } from '../../src/pki/extensions.ts'
import { foundPair } from '../../src/controller/found.ts'
import { secretObject } from '../../src/controller/secretWriter.ts'
import { storedAuthority } from '../../src/controller/storedAuthority.ts'
import { identityOf } from '../../src/kes/identity.ts'
import { kesIdentities, keyServers, pods, secrets } from '../../src/kube/resources.ts'
import { createAuthority, issue, type Authority } from '../../src/pki/authority.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { askKes } from './kes.ts'
import { handedOut, identityRef, minioPodOf, startMinio } from './minio.ts'
import { whileObjectsComeAndGo } from './objectLoad.ts'
import { makeKeyServer } from './ownKeyServer.ts'
import { samplePair } from './pairSampler.ts'

const hourMs = 3_600_000
/** About forty seconds. */
const rounds = 5
const garbage = Buffer.from('garbage').toString('base64')

interface Difference {
  readonly dnsNames?: readonly string[]
  readonly usages?: readonly Usage[]
  readonly lifetimeMs?: number
  readonly isStrange?: boolean
}

describeInCluster('renewals of certificates of an hour, under load,', (cluster) => {
  const { client } = cluster
  const pairOf = async (ref: { readonly namespace: string; readonly name: string }) => {
    const pair = foundPair(await client.get(secrets, ref))
    if (pair.is !== 'found') throw new Error(`${ref.name}: ${pair.is}`)
    return pair.value
  }
  const inRelease = (name: string) => ({ namespace: releaseNamespace, name })
  const untilAnother = (ref: { readonly namespace: string; readonly name: string }, former: string) =>
    until(
      async () => {
        const { certificatePem } = (await pairOf(ref)).pem
        return certificatePem === former ? undefined : certificatePem
      },
      { what: `another certificate in ${ref.name}`, timeoutMs: 30_000, everyMs: 100 },
    )

  /** MinIO reads its files again every 15 minutes, and when it is told to: waits until the kubelet has written the pair, and tells it. */
  async function readAgain(namespace: string, certificatePem: string): Promise<void> {
    // Of its signature, for the key in it is the one that was there before.
    const line = certificatePem.trim().split('\n').at(-3) ?? ''
    const script = `until grep -qF '${line}' /run/kes-injector/tls.crt; do sleep 0.1; done; kill -HUP 1`
    await cluster.kubectl([
      'exec',
      '-n',
      namespace,
      'deploy/minio',
      '-c',
      'minio',
      '--',
      'timeout',
      '20',
      'sh',
      '-ec',
      script,
    ])
  }

  /** Lays a certificate for the same key there that differs, and waits for the right one. */
  async function spoil(
    name: string,
    authority: Authority,
    { dnsNames, usages, lifetimeMs = hourMs, isStrange = false }: Difference,
  ): Promise<void> {
    const { key, pem, ...is } = await pairOf(inRelease(name))
    const strange = () => createAuthority({ commonName: 'strange', lifetimeMs: 24 * hourMs, now: new Date() })
    const certificatePem = issue(isStrange ? strange() : authority, {
      commonName: 'spoilt',
      usages: usages ?? is.usages,
      dnsNames: dnsNames ?? is.dnsNames,
      key,
      lifetimeMs,
      now: new Date(),
    })
    const { data } = secretObject({ ...inRelease(name), data: { 'tls.crt': certificatePem, 'tls.key': pem.keyPem } })
    await client.mergePatch(secrets, inRelease(name), { data })
    const next = await untilAnother(inRelease(name), certificatePem)
    expect(identityOf(next)).toBe(identityOf(pem.certificatePem))
  }

  it('fail no PUT and no GET, keep the identity, restart nothing and never leave half a pair', async () => {
    await using keyServer = await makeKeyServer(cluster, {
      certificates: { authority: '24h', server: '1h', client: '1h' },
    })
    await using own = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': keyServer.name },
    })
    const namespace = own.name
    await startMinio(cluster, namespace)

    const handedOutRef = { namespace, name: 'kes-client' }
    const [kept, server, webhook] = [
      `identity.${namespace}.kes-client`,
      `${keyServer.workload}-server`,
      'kes-injector-webhook-tls',
    ]
    const [ofKes, ofWebhook] = await Promise.all([
      storedAuthority(client, inRelease(`${keyServer.workload}-authority-1`)),
      storedAuthority(client, inRelease('kes-injector-webhook-authority')),
    ])
    const identity = async () => (await client.get(kesIdentities, identityRef(namespace)))?.status?.identity
    const setLifetimes = (lifetimes: object) =>
      client.mergePatch(keyServers, { name: keyServer.name }, { spec: { certificates: lifetimes } })
    /** Every container that could be restarted: of MinIO, KES and the product itself. */
    const containers = async () => {
      const { items } = await client.list(pods, { namespace: releaseNamespace })
      return [...items, await minioPodOf(cluster, namespace)].flatMap((pod) =>
        (pod?.status?.containerStatuses ?? []).map(
          ({ name, restartCount }) => `${pod?.metadata.name} ${pod?.metadata.uid} ${name} ${restartCount}`,
        ),
      )
    }
    const admin = async () => ({
      ...(await pairOf(inRelease(`${keyServer.workload}-enclave-admin`))).pem,
      authorityPem: ofKes.certificatePem,
    })
    const known = async () =>
      askKes(cluster, keyServer.name, await admin(), async (kes) => ({
        policies: await kes.readPolicy(`${namespace}_kes-client`),
        identities: (await kes.listIdentities('*')).map(({ identity, policy }) => `${identity} ${policy}`).sort(),
      }))

    const before = { identity: await identity(), containers: await containers(), kes: await known() }
    let renewals = 0
    const sampler = samplePair(cluster, namespace, (certificate) => certificate === garbage)
    const seen = await whileObjectsComeAndGo(cluster, namespace, async () => {
      for (let round = 0; round < rounds; round++) {
        // Both pairs of KES, by another lifetime each time, and back.
        for (const hours of [3, 5, 1]) {
          const [client, serving] = [await pairOf(handedOutRef), await pairOf(inRelease(server))]
          await setLifetimes({ client: `${hours}h`, server: `${hours}h` })
          await untilAnother(handedOutRef, client.pem.certificatePem)
          await untilAnother(inRelease(server), serving.pem.certificatePem)
          renewals += 2
          await readAgain(namespace, (await pairOf(handedOutRef)).pem.certificatePem)
        }
        // Whatever else can differ, of each of the three.
        for (const [name, authority, lifetimeMs] of [
          [kept, ofKes, hourMs],
          [server, ofKes, hourMs],
          [webhook, ofWebhook, 30 * 24 * hourMs],
        ] as const) {
          for (const difference of [
            { dnsNames: ['other.example'] },
            { usages: ['server', 'client'], dnsNames: ['other.example'] },
            { isStrange: true },
          ] satisfies readonly Difference[]) {
            await spoil(name, authority, { lifetimeMs, ...difference })
            renewals++
          }
        }
        // The Secret of the workload: lost, and written into.
        const whole = (await client.get(secrets, handedOutRef))?.data
        const isWhole = async () =>
          isDeepStrictEqual((await client.get(secrets, handedOutRef))?.data, whole) || undefined
        await client.delete(secrets, handedOutRef)
        await until(isWhole, { what: 'the Secret, byte for byte', timeoutMs: 30_000, everyMs: 100 })
        await client.mergePatch(secrets, handedOutRef, { data: { 'tls.crt': garbage, 'tls.key': garbage } })
        await until(isWhole, { what: 'the Secret, byte for byte', timeoutMs: 30_000, everyMs: 100 })
      }
    })
    const sampled = await sampler.end()
    console.log(
      `${renewals} renewals at 20 requests/s: ${JSON.stringify(seen)}; the Secret was seen whole ${sampled.whole} times, ` +
        `absent ${sampled.absent} times, with ${sampled.certificates.size} certificates of ${sampled.identities.size} identity`,
    )
    if (seen.failed.length > 0) {
      console.log(await cluster.kubectl(['logs', '-n', namespace, 'deploy/minio', '-c', 'minio', '--tail=200']))
      console.log(await cluster.kubectl(['logs', '-n', releaseNamespace, `${keyServer.workload}-0`, '--tail=100']))
    }
    expect(seen.failed).toEqual([])
    expect(seen.put + seen.got).toBeGreaterThan(seen.seconds * 15)
    expect(sampled.broken).toEqual([])
    expect([...sampled.identities]).toEqual([before.identity])
    expect(sampled.certificates.size).toBeGreaterThan(4)
    expect({ identity: await identity(), containers: await containers(), kes: await known() }).toEqual(before)
    await untilCondition(cluster, kesIdentities, identityRef(namespace), { type: 'Ready', status: 'True' })

    // The renewed pair is one that KES takes.
    await askKes(cluster, keyServer.name, await handedOut(cluster, namespace), (kes) =>
      kes.generate(`${namespace}_minio`),
    )
  })
})
