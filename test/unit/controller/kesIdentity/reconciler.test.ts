import { describe, expect, it } from 'vitest'
import { isTrue } from '../../../../src/api/conditions.ts'
import type { KesIdentity } from '../../../../src/api/kesIdentity.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { enrolStateful } from '../../../../src/controller/kesIdentity/enrolStateful.ts'
import { kesIdentityReconciler } from '../../../../src/controller/kesIdentity/reconciler.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { secretObject } from '../../../../src/controller/secretWriter.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { kesIdentities, keyServers, namespaces, secrets } from '../../../../src/kube/resources.ts'
import { privateKeyPem } from '../../../../src/pki/privateKey.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient, type MemoryClient } from '../memoryClient.ts'
import { memoryKes, type MemoryKes } from '../memoryKes.ts'
import { after, authorityFacts, dayMs, newAuthority, now, storedLeaf } from '../pairs.ts'

const releaseNamespace = 'kes-system'
const authority = newAuthority()
const condition = (type: string) =>
  ({ type, status: 'True', reason: 'r', message: 'm', lastTransitionTime: '' }) as const
const { fingerprint } = authorityFacts(authority)
const ready = keyServer(
  {},
  {
    authority: { fingerprint, notAfter: '', generation: 1 },
    keys: ['team-a_minio'],
    conditions: [condition('Ready'), condition('Serving')],
  },
)
const authoritySecret = secretObject({
  namespace: releaseNamespace,
  name: 'kes-default-authority-1',
  data: { 'tls.crt': authority.certificatePem, 'tls.key': privateKeyPem(authority.key) },
})

interface Cluster {
  readonly client: MemoryClient
  readonly kes: MemoryKes
  readonly told: string[]
}
const newCluster = (...identities: readonly KesIdentity[]): Cluster => ({
  client: memoryClient(
    [keyServers, ready],
    [namespaces, { metadata: { name: 'team-a' } }],
    [secrets, authoritySecret],
    ...identities.map((each) => [kesIdentities, each] as const),
  ),
  kes: memoryKes(),
  told: [],
})

const run = ({ client, kes, told }: Cluster, key: string, at: Date = now) =>
  reconcile(
    kesIdentityReconciler({
      client,
      enrollers: { stateful: enrolStateful(kes) },
      now: () => at,
      tell: (_about, _type, reason) => told.push(reason),
      releaseNamespace,
    }),
    key,
    () => at,
    new AbortController().signal,
    { acted: () => undefined },
  )

const handedOut = ({ client }: Cluster) => client.at(secrets, { namespace: 'team-a', name: 'kes-client' })
const textOf = (cluster: Cluster, key: string) => {
  const secret = handedOut(cluster)
  return secret && secretText(secret, key)
}
const conditionOf = ({ client }: Cluster, name: string) =>
  client.at(kesIdentities, { namespace: 'team-a', name })?.status?.conditions?.find(({ type }) => type === 'Ready')

describe('an identity of a namespace', () => {
  it('is kept, enrolled, tried with a real call, and then handed out', async () => {
    const cluster = newCluster(kesIdentity())
    await run(cluster, 'team-a/kes-client')
    const secretWrites = cluster.client.writes.filter((each) => each.includes(' secrets '))
    expect(secretWrites).toEqual([
      'create secrets kes-system/identity.team-a.kes-client',
      'apply secrets team-a/kes-client',
    ])
    const steps = cluster.kes.calls.filter((call) => /^(write|assign|generate|decrypt)/.test(call))
    expect(steps.slice(0, 4)).toEqual([
      'write policy team-a_kes-client',
      'assign team-a_kes-client',
      'generate team-a_minio',
      'decrypt team-a_minio',
    ])
    expect(cluster.told).toEqual(['Issued', 'HandedOut'])
    expect(conditionOf(cluster, 'kes-client')?.status).toBe('True')
  })

  it('is handed out as one pair with the certificate of the authority, and no key of the authority', async () => {
    const cluster = newCluster(kesIdentity())
    await run(cluster, 'team-a/kes-client')
    expect(Object.keys(handedOut(cluster)?.data ?? {})).toEqual(['tls.crt', 'tls.key', 'ca.crt'])
    expect(textOf(cluster, 'ca.crt')).toBe(authority.certificatePem)
    expect(handedOut(cluster)).toMatchObject({
      type: 'kubernetes.io/tls',
      metadata: {
        labels: {
          'app.kubernetes.io/component': 'identity',
          'app.kubernetes.io/managed-by': 'kes-injector',
          'kes-injector.io/kes-identity': 'team-a.kes-client',
        },
      },
    })
  })

  it('keeps its identity when it is renewed, and the workload gets the new certificate', async () => {
    const cluster = newCluster(kesIdentity())
    await run(cluster, 'team-a/kes-client')
    const [certificate = '', key] = [textOf(cluster, 'tls.crt'), textOf(cluster, 'tls.key')]
    await run(cluster, 'team-a/kes-client', after(66 * dayMs))
    expect(textOf(cluster, 'tls.crt')).not.toBe(certificate)
    expect(identityOf(textOf(cluster, 'tls.crt') ?? '')).toBe(identityOf(certificate))
    expect(textOf(cluster, 'tls.key')).toBe(key)
    expect(cluster.told).toEqual(['Issued', 'HandedOut', 'Renewed', 'HandedOut'])
  })

  it('takes its pair back from the workload where the kept one is gone', async () => {
    const cluster = newCluster(kesIdentity())
    await run(cluster, 'team-a/kes-client')
    const before = handedOut(cluster)?.data
    await cluster.client.delete(secrets, { namespace: releaseNamespace, name: 'identity.team-a.kes-client' })
    await run(cluster, 'team-a/kes-client')
    expect(handedOut(cluster)?.data).toEqual(before)
    expect(cluster.told).toContain('TakenBack')
  })

  it('does not take a key for its own that somebody laid into the Secret', async () => {
    const cluster = newCluster(kesIdentity())
    const { certificatePem, keyPem } = storedLeaf(authority).pem
    const laid = secretObject({
      namespace: 'team-a',
      name: 'kes-client',
      data: { 'tls.crt': certificatePem, 'tls.key': keyPem, 'ca.crt': authority.certificatePem },
    })
    cluster.client.place(secrets, laid)
    await run(cluster, 'team-a/kes-client')
    expect(textOf(cluster, 'tls.key')).not.toBe(keyPem)
    expect(
      isTrue(
        cluster.client.at(kesIdentities, { namespace: 'team-a', name: 'kes-client' })?.status?.conditions,
        'Ready',
      ),
    ).toBe(true)
  })
})

describe("a Secret of somebody else's", () => {
  it('is left as it is, and the identity says so', async () => {
    const cluster = newCluster(kesIdentity())
    const theirs = { metadata: { namespace: 'team-a', name: 'kes-client' }, data: { theirs: 'eA==' } }
    cluster.client.place(secrets, theirs)
    await run(cluster, 'team-a/kes-client')
    expect(handedOut(cluster)?.data).toEqual(theirs.data)
    expect(conditionOf(cluster, 'kes-client')?.reason).toBe('SecretConflict')
  })

  it('may be that of another identity: two that name one Secret do not write it in turns', async () => {
    const cluster = newCluster(kesIdentity(), kesIdentity({}, { name: 'second' }))
    await run(cluster, 'team-a/kes-client')
    const first = handedOut(cluster)?.data
    await run(cluster, 'team-a/second')
    await run(cluster, 'team-a/kes-client')
    expect(handedOut(cluster)?.data).toEqual(first)
    expect(conditionOf(cluster, 'kes-client')?.status).toBe('True')
    expect(conditionOf(cluster, 'second')?.reason).toBe('SecretConflict')
  })
})

describe('an authority that cannot be read', () => {
  it('is waited for: nothing is issued and nothing is thrown', async () => {
    const cluster = newCluster(kesIdentity())
    cluster.client.place(secrets, { ...authoritySecret, data: {} })
    expect(await run(cluster, 'team-a/kes-client')).toBe(2_000)
    expect(conditionOf(cluster, 'kes-client')?.reason).toBe('KeyServerNotReady')
  })
})
