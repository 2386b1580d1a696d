import { createPublicKey, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  certificateRequests,
  type CertificateRequest,
} from '../../../../src/controller/issuance/certificateRequests.ts'
import { certManager } from '../../../../src/controller/issuance/issuer.ts'
import { foundPair, secretText } from '../../../../src/controller/found.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { statefulReconciler } from '../../../../src/controller/stateful/reconciler.ts'
import { keyServers, secrets, statefulSets } from '../../../../src/kube/resources.ts'
import { issue } from '../../../../src/pki/authority.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient, type MemoryClient } from '../memoryClient.ts'
import { memoryKes } from '../memoryKes.ts'
import { after, dayMs, newAuthority, now } from '../pairs.ts'

const releaseNamespace = 'kes-system'
const at = (name: string) => ({ namespace: releaseNamespace, name })
const issuerRef = { name: 'company', kind: 'ClusterIssuer', group: 'cert-manager.io' }
const base64 = (text: string) => Buffer.from(text).toString('base64')

const newCluster = () => memoryClient([keyServers, keyServer({ certificates: { issuerRef } })])

async function run(client: MemoryClient, moment: Date = now): Promise<void> {
  const reconciler = statefulReconciler({
    client,
    door: memoryKes(),
    issuer: certManager(client, releaseNamespace, () => moment),
    now: () => moment,
    random: randomBytes,
    tell: () => undefined,
    releaseNamespace,
    clusterDomain: 'cluster.local',
    statefulImage: 'kes-stateful:1',
    statefulImagePullPolicy: 'IfNotPresent',
    keyServerAccount: 'kes-injector-key-server',
    networkPolicies: false,
    identitiesOf: () => [],
  })
  await reconcile(reconciler, 'default', () => moment, new AbortController().signal, { acted: () => undefined })
}

const secret = (client: MemoryClient, name: string) => client.at(secrets, at(`kes-default-${name}`))
const pairOf = (client: MemoryClient) => {
  const found = foundPair(secret(client, 'server'))
  if (found.is !== 'found') throw new Error('there is no pair')
  return found.value
}
const requestOf = (client: MemoryClient, which = -1): CertificateRequest => {
  const created = client.writes.filter((each) => each.startsWith('create certificaterequests'))
  const found = client.at(certificateRequests, at(created.at(which)?.split('/').at(-1) ?? ''))
  if (!found) throw new Error('nothing was asked')
  return found
}

/** The issuer's part. */
function sign(client: MemoryClient, authority = newAuthority(), moment = now): string {
  const leaf = issue(authority, {
    commonName: 'kes',
    usages: ['server'],
    dnsNames: [
      'kes-default.kes-system.svc',
      'kes-default.kes-system.svc.cluster.local',
      'kes-default.kes-system',
      'kes-default',
    ],
    key: createPublicKey(pairOf(client).key),
    lifetimeMs: 30 * dayMs,
    now: moment,
  })
  client.place(certificateRequests, {
    ...requestOf(client),
    status: {
      certificate: base64(leaf),
      ca: base64(authority.certificatePem),
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  })
  return leaf
}
const issuedCondition = (client: MemoryClient) =>
  client.at(keyServers, { name: 'default' })?.status?.conditions?.find(({ type }) => type === 'Issued')

describe('a stateful key server whose certificates an issuer elsewhere signs', () => {
  it('makes a key, asks, and does nothing more until there is an answer', async () => {
    const client = newCluster()
    await run(client)
    expect(requestOf(client).spec.issuerRef).toEqual(issuerRef)
    expect(secret(client, 'authority-1')).toBeUndefined()
    expect(client.at(statefulSets, at('kes-default'))).toBeUndefined()
    expect(issuedCondition(client)).toMatchObject({ status: 'False', reason: 'IssuerPending' })
    const { length } = client.writes
    await run(client)
    expect(client.writes).toHaveLength(length)
  })

  it('trusts the root of the answer from then on, keeps its key, and goes on', async () => {
    const client = newCluster()
    await run(client)
    const { spki } = pairOf(client)
    const authority = newAuthority()
    const leaf = sign(client, authority)
    await run(client)
    expect(pairOf(client).pem.certificatePem).toContain(leaf.trim())
    expect(pairOf(client).spki).toEqual(spki)
    const stored = secret(client, 'authority-1')
    expect(stored && secretText(stored, 'tls.crt')).toBe(authority.certificatePem)
    expect(stored && secretText(stored, 'tls.key')).toBeUndefined()
    expect(client.at(statefulSets, at('kes-default'))).toBeDefined()
    expect(issuedCondition(client)).toMatchObject({ status: 'True' })
    expect(() => requestOf(client)).toThrow('nothing was asked')
  })

  it('is renewed with the same key, and serves the old certificate until then', async () => {
    const client = newCluster()
    await run(client)
    const authority = newAuthority()
    const first = sign(client, authority)
    await run(client)
    const { spki } = pairOf(client)
    const late = after(25 * dayMs)
    await run(client, late)
    expect(pairOf(client).pem.certificatePem).toContain(first.trim())
    const second = sign(client, authority, late)
    await run(client, late)
    expect(pairOf(client).pem.certificatePem).toContain(second.trim())
    expect(pairOf(client).spki).toEqual(spki)
  })

  it('does not take what is signed under another root: running clients would be shut out', async () => {
    const client = newCluster()
    await run(client)
    const first = sign(client)
    await run(client)
    const late = after(25 * dayMs)
    await run(client, late)
    sign(client, newAuthority(), late)
    await run(client, late)
    expect(pairOf(client).pem.certificatePem).toContain(first.trim())
    expect(issuedCondition(client)).toMatchObject({ status: 'False', reason: 'AuthorityDiffers' })
  })
})
