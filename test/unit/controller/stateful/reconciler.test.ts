import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isTrue } from '../../../../src/api/conditions.ts'
import { certManager } from '../../../../src/controller/issuance/issuer.ts'
import { statefulReconciler } from '../../../../src/controller/stateful/reconciler.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { isUnsealKey } from '../../../../src/kes/unsealKey.ts'
import { keyServers, pods, secrets, statefulSets, type Pod } from '../../../../src/kube/resources.ts'
import { readPair } from '../../../../src/pki/pair.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient, type MemoryClient } from '../memoryClient.ts'
import { memoryKes, type MemoryKes } from '../memoryKes.ts'
import { now } from '../pairs.ts'

const releaseNamespace = 'kes-system'
const at = (name: string) => ({ namespace: releaseNamespace, name })
const pod: Pod = {
  metadata: at('kes-default-0'),
  status: {
    podIP: '10.0.0.9',
    containerStatuses: [{ name: 'kes', ready: true, state: { running: {} }, image: '', imageID: '', restartCount: 0 }],
  },
}

interface Cluster {
  readonly client: MemoryClient
  readonly kes: MemoryKes
}
const newCluster = (): Cluster => ({ client: memoryClient([keyServers, keyServer()]), kes: memoryKes() })

/** The node's part: a pod once there is a StatefulSet. */
function startPod({ client }: Cluster): void {
  if (client.at(statefulSets, at('kes-default')) && !client.at(pods, at('kes-default-0'))) client.place(pods, pod)
}

async function run({ client, kes }: Cluster): Promise<void> {
  const reconciler = statefulReconciler({
    client,
    door: kes,
    issuer: certManager(client, releaseNamespace, () => now),
    now: () => now,
    random: randomBytes,
    tell: () => undefined,
    releaseNamespace,
    clusterDomain: 'cluster.local',
    statefulImage: 'kes-stateful:1',
    statefulImagePullPolicy: 'IfNotPresent',
    keyServerAccount: 'kes-injector-key-server',
    networkPolicies: true,
    identitiesOf: () => [{ ...kesIdentity(), status: { identity: 'f'.repeat(64) } }],
  })
  await reconcile(reconciler, 'default', () => now, new AbortController().signal, { acted: () => undefined })
}

async function bringUp(cluster: Cluster): Promise<void> {
  await run(cluster)
  startPod(cluster)
  await run(cluster)
}

const writesOf = ({ client }: Cluster, verb: string) =>
  client.writes.filter((each) => each.startsWith(`${verb} `)).map((each) => each.slice(verb.length + 1))

describe('bringing up a key server', () => {
  it('makes each material once and ends ready with every wanted key', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    expect(writesOf(cluster, 'create')).toEqual([
      'secrets kes-system/kes-default-authority-1',
      'secrets kes-system/kes-default-unseal',
      'secrets kes-system/kes-default-system-admin',
      'secrets kes-system/kes-default-enclave-admin',
      'secrets kes-system/kes-default-server',
      'secrets kes-system/kes-default-init',
    ])
    expect(writesOf(cluster, 'apply')).toEqual([
      'networkpolicies kes-system/kes-default',
      'services kes-system/kes-default',
      'statefulsets kes-system/kes-default',
    ])
    expect(writesOf(cluster, 'delete')).toEqual(['secrets kes-system/kes-default-init'])
    expect([...cluster.kes.keys]).toEqual([checkKey, 'team-a_minio'])
    const { status } = cluster.client.at(keyServers, { name: 'default' }) ?? {}
    expect(isTrue(status?.conditions, 'Ready')).toBe(true)
    expect(status?.keys).toEqual([checkKey, 'team-a_minio'])
  })

  it('does nothing at all once it is up', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const { length } = cluster.client.writes
    await run(cluster)
    expect(cluster.client.writes).toHaveLength(length)
  })

  it('asks for a key before it makes it, every time', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const { calls } = cluster.kes
    for (const [index, call] of calls.entries())
      if (call.startsWith('create ')) expect(calls[index - 1]).toBe(call.replace('create', 'describe'))
    expect(calls.filter((call) => call.startsWith('create '))).toHaveLength(2)
  })

  it('tries the server with its first data key once, before any other key exists', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const { calls } = cluster.kes
    expect(calls.filter((call) => call.startsWith('generate'))).toEqual([`generate ${checkKey}`])
    expect(calls.indexOf(`generate ${checkKey}`)).toBeLessThan(calls.indexOf('create team-a_minio'))
  })
})

describe('what it writes', () => {
  it('can be told by its labels, and is immutable where it must never change', async () => {
    const { client, kes } = newCluster()
    await run({ client, kes })
    const immutable = ['authority-1', 'unseal', 'system-admin', 'enclave-admin']
    for (const name of [...immutable, 'server', 'init']) {
      const secret = client.at(secrets, at(`kes-default-${name}`))
      expect(secret?.metadata.labels).toEqual({
        'app.kubernetes.io/name': 'kes-injector',
        'app.kubernetes.io/component': 'key-server',
        'app.kubernetes.io/managed-by': 'kes-injector',
        'kes-injector.io/key-server': 'default',
      })
      expect(secret?.metadata.ownerReferences).toBeUndefined()
      expect(secret?.immutable ?? false, name).toBe(immutable.includes(name))
    }
  })

  it('is an unseal key that KES takes and an init.yml that names two different administrators', async () => {
    const { client, kes } = newCluster()
    await run({ client, kes })
    const text = (name: string, key: string) => {
      const secret = client.at(secrets, at(`kes-default-${name}`))
      return (secret && secretText(secret, key)) ?? ''
    }
    expect(isUnsealKey(text('unseal', 'key'))).toBe(true)
    const admins = ['system-admin', 'enclave-admin'].map((name) => identityOf(text(name, 'tls.crt')))
    expect(parse(text('init', 'init.yml'))).toMatchObject({
      system: { admin: { identity: admins[0] } },
      enclave: { default: { admin: { identity: admins[1] } } },
    })
    expect(text('init', 'init.yml')).not.toContain(text('unseal', 'key'))
    const { dnsNames } = readPair({ certificatePem: text('server', 'tls.crt'), keyPem: text('server', 'tls.key') })
    expect(dnsNames).toContain('kes-default.kes-system.svc')
  })

  it('puts no byte of a key into the status', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const unseal = cluster.client.at(secrets, at('kes-default-unseal'))
    const status = JSON.stringify(cluster.client.at(keyServers, { name: 'default' })?.status)
    expect(status).not.toContain('PRIVATE KEY')
    expect(status).not.toContain(unseal && secretText(unseal, 'key'))
  })
})

/** The process dies at its nth write: just before it, or just after it was carried out. */
function dieAt({ client, kes }: Cluster, nth: number, when: 'before' | 'after'): void {
  let writes = 0
  client.onWrite = kes.onWrite = (moment) => {
    if (moment === 'before') writes++
    if (writes === nth && moment === when) throw new Error('killed')
  }
}

describe('a controller that is killed at any write', () => {
  const writesOfABringUp = 20
  const kills = Array.from({ length: writesOfABringUp }, (_, index) => index + 1).flatMap((nth) => [
    [nth, 'before'] as const,
    [nth, 'after'] as const,
  ])

  it('has so many chances to die', async () => {
    const cluster = newCluster()
    await bringUp(cluster)
    const keysMade = 2
    expect(cluster.client.writes.length + keysMade).toBe(writesOfABringUp)
  })

  it.each(kills)('(the %i. one, just %s it) ends with the same server', async (nth, when) => {
    const cluster = newCluster()
    dieAt(cluster, nth, when)
    let deaths = 0
    for (let lives = 0; lives < 4; lives++) {
      await run(cluster).catch((error: unknown) => {
        if (!(error instanceof Error && error.message === 'killed')) throw error
        deaths++
      })
      startPod(cluster)
    }
    expect(deaths).toBe(1)
    const created = writesOf(cluster, 'create')
    expect(new Set(created).size).toBe(created.length)
    expect([...cluster.kes.keys]).toEqual([checkKey, 'team-a_minio'])
    expect(isTrue(cluster.client.at(keyServers, { name: 'default' })?.status?.conditions, 'Ready')).toBe(true)
  })
})
