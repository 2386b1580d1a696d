import { describe, expect, it } from 'vitest'
import { isTrue } from '../../../../src/api/conditions.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { secretObject } from '../../../../src/controller/secretWriter.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { kesIdentities, secrets } from '../../../../src/kube/resources.ts'
import { kesIdentity } from '../identities.ts'
import { after, dayMs, storedLeaf } from '../pairs.ts'
import {
  authority,
  authoritySecret,
  conditionOf,
  handedOut,
  newCluster,
  releaseNamespace,
  run,
  type Cluster,
} from './reconcilerWorld.ts'

const textOf = (cluster: Cluster, key: string) => {
  const secret = handedOut(cluster)
  return secret && secretText(secret, key)
}
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
