import { randomBytes, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isTrue } from '../../../../src/api/conditions.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { certManager } from '../../../../src/controller/issuance/issuer.ts'
import { statefulReconciler } from '../../../../src/controller/stateful/reconciler.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { keyServers, pods, secrets, statefulSets, type Pod, type Secret } from '../../../../src/kube/resources.ts'
import { privateKeyPem } from '../../../../src/pki/privateKey.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient } from '../memoryClient.ts'
import { memoryKes } from '../memoryKes.ts'
import { authorityFacts, newAuthority, now, storedLeaf } from '../pairs.ts'

const at = (name: string) => ({ namespace: 'kes-system', name })
const secret = (name: string, data: Readonly<Record<string, string>>): Secret => ({
  metadata: at(name),
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})
const unsealKey = randomBytes(32).toString('base64')
const administrator = storedLeaf(newAuthority()).pem

const existing = {
  claimName: 'kes-data',
  dataPath: 'root/kes',
  unsealSecretRef: { name: 'by-hand' },
  adminSecretRef: { name: 'by-hand-admin' },
}
const originals = [
  secret('by-hand', { key: `${unsealKey}\n` }),
  secret('by-hand-admin', { 'public.crt': administrator.certificatePem, 'private.key': administrator.keyPem }),
]
const pod: Pod = {
  metadata: at('kes-default-0'),
  status: {
    podIP: '10.0.0.9',
    containerStatuses: [{ name: 'kes', ready: true, state: { running: {} }, image: '', imageID: '', restartCount: 0 }],
  },
}

function newCluster(laid: readonly Secret[] = originals, more: object = {}) {
  const client = memoryClient(
    [keyServers, keyServer({ stateful: { existing: { ...existing, ...more } } })],
    ...laid.map((each) => [secrets, each] as const),
  )
  const kes = memoryKes()
  const told: string[] = []
  const reconciler = statefulReconciler({
    client,
    door: kes,
    issuer: certManager(client, 'kes-system', () => now),
    now: () => now,
    random: randomBytes,
    tell: (_about, _type, reason) => told.push(reason),
    releaseNamespace: 'kes-system',
    clusterDomain: 'cluster.local',
    statefulImage: 'kes-stateful:1',
    statefulImagePullPolicy: 'IfNotPresent',
    keyServerAccount: 'kes-injector-key-server',
    networkPolicies: true,
    identitiesOf: () => [],
  })
  const run = () =>
    reconcile(reconciler, 'default', () => now, new AbortController().signal, { acted: () => undefined })
  const says = () => client.at(keyServers, { name: 'default' })?.status
  const text = (name: string, key: string) => {
    const stored = client.at(secrets, at(name))
    return stored && secretText(stored, key)
  }
  return { client, kes, told, run, says, text }
}

describe('a key server that was made by hand', () => {
  it('is taken over with its own unseal key and administrator, and all of its keys', async () => {
    const { client, kes, run, says, text } = newCluster()
    await kes.asAdmin(keyServer(), (admin) => admin.createKey('minio-default-key'))
    await run()
    client.place(pods, pod)
    await run()
    expect(text('kes-default-unseal', 'key')).toBe(unsealKey)
    expect(text('kes-default-enclave-admin', 'tls.crt')).toBe(administrator.certificatePem)
    expect(text('kes-default-enclave-admin', 'tls.key')).toBe(administrator.keyPem)
    for (const name of ['kes-default-unseal', 'kes-default-enclave-admin'])
      expect(client.at(secrets, at(name))?.immutable).toBe(true)
    expect(client.at(secrets, at('kes-default-system-admin'))).toBeUndefined()
    expect(client.writes.filter((each) => each.includes('kes-default-init'))).toEqual([])
    expect(says()?.keys).toEqual([checkKey, 'minio-default-key'])
    expect(says()?.admin).toEqual({ system: '', enclave: identityOf(administrator.certificatePem) })
    expect(isTrue(says()?.conditions, 'Ready')).toBe(true)
    expect(kes.calls.filter((call) => call.startsWith('create '))).toEqual([
      'create minio-default-key',
      `create ${checkKey}`,
    ])
  })

  it('takes the system administrator and the authority along where they are given: its clients trust it already', async () => {
    const authority = newAuthority()
    const [authorityPem, authorityKey] = [authority.certificatePem, privateKeyPem(authority.key)]
    const system = storedLeaf(newAuthority()).pem
    const { run, text, says } = newCluster(
      [
        ...originals,
        secret('ca', { 'tls.crt': authorityPem, 'tls.key': authorityKey }),
        secret('system', { 'tls.crt': system.certificatePem, 'tls.key': system.keyPem }),
      ],
      { importAuthority: { name: 'ca' }, systemAdminSecretRef: { name: 'system' } },
    )
    await run()
    expect(text('kes-default-authority-1', 'tls.crt')).toBe(authorityPem)
    expect(text('kes-default-authority-1', 'tls.key')).toBe(authorityKey)
    expect(text('kes-default-system-admin', 'tls.crt')).toBe(system.certificatePem)
    expect(says()?.authority?.fingerprint).toBe(authorityFacts(authority).fingerprint)
    expect(says()?.admin?.system).toBe(identityOf(system.certificatePem))
    const served = new X509Certificate(text('kes-default-server', 'tls.crt') ?? '')
    expect(served.verify(new X509Certificate(authorityPem).publicKey)).toBe(true)
  })

  it('is refused an authority that is only a certificate of its own server', async () => {
    const selfSigned = storedLeaf(newAuthority()).pem
    const { client, run, says } = newCluster(
      [...originals, secret('ca', { 'public.crt': selfSigned.certificatePem, 'private.key': selfSigned.keyPem })],
      { importAuthority: { name: 'ca' } },
    )
    await run()
    expect(says()?.conditions?.find(({ type }) => type === 'Ready')?.message).toContain('not that of an authority')
    expect(client.writes.filter((each) => !each.startsWith('updateStatus'))).toEqual([])
  })

  it('no longer needs the originals afterwards', async () => {
    const { client, run, says } = newCluster()
    await run()
    client.place(pods, pod)
    for (const { metadata } of originals) await client.delete(secrets, at(metadata.name))
    await run()
    expect(isTrue(says()?.conditions, 'Ready')).toBe(true)
  })

  it('is not started while another pod has its volume', async () => {
    const { client, run, says } = newCluster()
    const claim = { persistentVolumeClaim: { claimName: 'kes-data' }, name: 'data' }
    client.place(pods, {
      metadata: at('old-kes'),
      spec: { containers: [], volumes: [claim] },
      status: { phase: 'Running' },
    })
    await run()
    expect(client.writes.filter((each) => !each.startsWith('updateStatus'))).toEqual([])
    expect(says()?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ reason: 'VolumeInUse' })
    await client.delete(pods, at('old-kes'))
    await run()
    expect(client.at(statefulSets, at('kes-default'))).toBeDefined()
  })

  it.each<[string, readonly Secret[], string]>([
    ['that is not there', originals.slice(0, 1), 'adminSecretRef is not there'],
    ['without the entry', [secret('by-hand', { other: unsealKey }), ...originals.slice(1)], 'there is no key in it'],
    [
      'with half a key',
      [secret('by-hand', { key: unsealKey.slice(4) }), ...originals.slice(1)],
      'not base64 of 32 bytes',
    ],
    ['without a pair', [...originals.slice(0, 1), secret('by-hand-admin', { 'tls.crt': '' })], 'it has neither'],
    [
      'with a key of another pair',
      [
        ...originals.slice(0, 1),
        secret('by-hand-admin', {
          'tls.crt': administrator.certificatePem,
          'tls.key': storedLeaf(newAuthority()).pem.keyPem,
        }),
      ],
      'cannot be used',
    ],
  ])('is refused for a Secret %s, and nothing is written', async (_what, laid, why) => {
    const { client, run, says } = newCluster(laid)
    await run()
    const ready = says()?.conditions?.find(({ type }) => type === 'Ready')
    expect(ready).toMatchObject({ status: 'False', reason: 'TakeOverRefused' })
    expect(ready?.message).toContain(why)
    expect(ready?.message).not.toContain(unsealKey.slice(4))
    expect(client.writes.filter((each) => !each.startsWith('updateStatus'))).toEqual([])
  })
})

describe('a set that somebody scaled', () => {
  it.each([0, 2])('to %i is put back, by the same apply', async (replicas) => {
    const { client, run } = newCluster()
    await run()
    if (replicas === 2)
      client.place(pods, {
        metadata: { ...at('kes-default-1'), labels: { 'kes-injector.io/key-server': 'default' } },
        spec: { containers: [], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'kes-data' } }] },
      })
    const set = client.at(statefulSets, at('kes-default'))
    if (!set?.spec) throw new Error('there is no set')
    client.place(statefulSets, { ...set, spec: { ...set.spec, replicas } })
    await run()
    expect(client.at(statefulSets, at('kes-default'))?.spec?.replicas).toBe(1)
  })
})

describe('another process of the same server', () => {
  it('has its data keys tried again, once', async () => {
    const { client, kes, run } = newCluster()
    await run()
    client.place(pods, pod)
    await run()
    await run()
    const tried = () => kes.calls.filter((call) => call === `generate ${checkKey}`).length
    expect(tried()).toBe(1)
    kes.upMs = 100
    await run()
    await run()
    expect(tried()).toBe(2)
  })
})
