import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kesIdentities, keyServers } from '../../src/kube/resources.ts'
import { refusal, type OwnNamespace } from '../fixtures/clusterAccess.ts'
import { crash, release, untilReady } from './keptRunning.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const keyServer = (spec: object, name = 'tried') => ({
  apiVersion: 'kes-injector.io/v1alpha1',
  kind: 'KeyServer',
  metadata: { name },
  spec,
})
const kesIdentity = (namespace: string, spec: object, name = 'tried') => ({
  apiVersion: 'kes-injector.io/v1alpha1',
  kind: 'KesIdentity',
  metadata: { name, namespace },
  spec,
})

// Neither the webhook nor the controller has a say in what is stored: both are gone.
const processes = [cluster.tier.webhook, cluster.tier.controller]
let namespace: OwnNamespace
beforeAll(async () => {
  namespace = await cluster.makeNamespace()
  for (const each of processes) await crash(each)
})
afterAll(async () => {
  await namespace[Symbol.asyncDispose]()
  for (const each of processes) {
    release(each)
    await untilReady(each)
  }
})

type Row = readonly [what: string, spec: object, says: string, name?: string]

const named = (rows: readonly Row[]) => rows.map(([what, spec, says, name]) => ({ what, spec, says, name }))

const badKeyServers: readonly Row[] = [
  ['of no kind', {}, 'say which kind of key server this is'],
  ['whose volume has no unit', { stateful: { storage: { size: '10' } } }, 'spec.stateful.storage.size'],
  ['whose volume is text', { stateful: { storage: { size: 'large' } } }, 'spec.stateful.storage.size'],
  ['whose prefix names no namespace', { stateful: {}, keyPrefix: 'minio_' }, 'keyPrefix must contain {namespace}'],
  ['whose prefix ends without _', { stateful: {}, keyPrefix: '{namespace}' }, 'keyPrefix must contain {namespace}'],
  ['whose prefix has a slash', { stateful: {}, keyPrefix: 'a/{namespace}_' }, 'keyPrefix must contain {namespace}'],
  [
    'whose prefix has a _ behind the namespace',
    { stateful: {}, keyPrefix: '{namespace}_x_' },
    'keyPrefix must contain',
  ],
  ['whose prefix is endless', { stateful: {}, keyPrefix: `${'a'.repeat(60)}{namespace}_` }, 'spec.keyPrefix'],
  ['with a key that KES does not take', { stateful: {}, keys: ['a/b'] }, 'spec.keys[0]'],
  ['with an endless key', { stateful: {}, keys: ['k'.repeat(81)] }, 'spec.keys[0]'],
  ['that grants every key', { stateful: {}, grants: [{ namespace: 'a', keys: ['*'] }] }, 'spec.grants[0].keys[0]'],
  ['that grants by a star inside', { stateful: {}, grants: [{ namespace: 'a', keys: ['a*b'] }] }, 'grants[0].keys[0]'],
  ['that grants nothing', { stateful: {}, grants: [{ namespace: 'a', keys: [] }] }, 'spec.grants[0].keys'],
  ['that grants to no namespace', { stateful: {}, grants: [{ namespace: 'A', keys: ['a'] }] }, 'grants[0].namespace'],
  [
    'that grants to a namespace twice',
    {
      stateful: {},
      grants: [
        { namespace: 'a', keys: ['a'] },
        { namespace: 'a', keys: ['b'] },
      ],
    },
    'Duplicate value',
  ],
  ['with the same key twice', { stateful: {}, keys: ['a', 'a'] }, 'Duplicate value'],
  ['with a lifetime that is no duration', { stateful: {}, certificates: { client: '90 days' } }, 'certificates.client'],
  ['that renews after the end', { stateful: {}, certificates: { renewAt: 1.5 } }, 'spec.certificates.renewAt'],
  [
    'with an unknown operator',
    { stateful: {}, namespaces: { selector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } } },
    'Unsupported value: "Near"',
  ],
  ['with an image that is no text', { stateful: { image: 5 } }, 'spec.stateful.image'],
  ['with an endless name', { stateful: {} }, 'the name must be a DNS label of at most 40 characters', 'k'.repeat(41)],
  ['with a dot in its name', { stateful: {} }, 'the name must be a DNS label', 'a.b'],
]

const server = { keyServerRef: { name: 'default' } }
const badIdentities: readonly Row[] = [
  ['of no key server', {}, 'spec.keyServerRef: Required value'],
  ['of a key server without a name', { keyServerRef: { name: '' } }, 'spec.keyServerRef.name'],
  ['with a key that KES does not take', { ...server, keyName: 'a b' }, 'spec.keyName'],
  ['with an endless key', { ...server, keyName: 'k'.repeat(81) }, 'spec.keyName'],
  ['with an empty Secret name', { ...server, secretName: '' }, 'spec.secretName'],
  ['with an endless name', server, 'the name must be a DNS label of at most 63 characters', 'k'.repeat(64)],
  ['with a dot in its name', server, 'the name must be a DNS label', 'a.b'],
]

describe('a KeyServer is refused by the API server alone', () => {
  it.each(named(badKeyServers))('$what', async ({ spec, says, name }) => {
    expect(await refusal(cluster.create([keyServer(spec, name)], '--validate=false'))).toContain(says)
  })

  it.each(
    named([
      ['when its volume changes', { stateful: { storage: { size: '2Gi' } } }, 'storage cannot be changed'],
      ['when its prefix changes', { stateful: {}, keyPrefix: 'x-{namespace}_' }, 'keyPrefix cannot be changed'],
      ['when its kind goes', { stateful: null }, 'spec.stateful'],
    ]),
  )('$what', async ({ spec, says }) => {
    await cluster.apply([keyServer({ stateful: {} })])
    const patch = ['patch', 'keyserver', 'tried', '--type=merge', '-p', JSON.stringify({ spec })]
    const said = await refusal(cluster.kubectl(patch))
    await cluster.client.delete(keyServers, { name: 'tried' })
    expect(said).toContain(says)
  })
})

describe('a KesIdentity is refused by the API server alone', () => {
  it.each(named(badIdentities))('$what', async ({ spec, says, name }) => {
    const said = await refusal(cluster.create([kesIdentity(namespace.name, spec, name)], '--validate=false'))
    expect(said).toContain(says)
  })

  it.each(
    named([
      ['when its key server changes', { keyServerRef: { name: 'other' } }, 'keyServerRef cannot be changed'],
      ['when its Secret changes', { secretName: 'other' }, 'secretName cannot be changed'],
    ]),
  )('$what', async ({ spec, says }) => {
    await cluster.apply([kesIdentity(namespace.name, server, 'kept')])
    const patch = ['patch', 'kesidentity', 'kept', '-n', namespace.name, '--type=merge', '-p', JSON.stringify({ spec })]
    expect(await refusal(cluster.kubectl(patch))).toContain(says)
  })
})

describe('what is left out is stored with its default', () => {
  it('in a KeyServer', async () => {
    await cluster.create([keyServer({ stateful: {} }, 'defaults')])
    const stored = await cluster.client.get(keyServers, { name: 'defaults' })
    await cluster.client.delete(keyServers, { name: 'defaults' })
    expect(stored?.spec).toEqual({
      stateful: {
        storage: { size: '1Gi' },
        allowKeyCreation: false,
        followCalls: false,
        acceptPredictableDataKeys: false,
      },
      namespaces: { selector: {} },
      keyPrefix: '{namespace}_',
      keys: [],
      certificates: { authority: '43800h', server: '2160h', client: '2160h', renewAt: 0.667 },
    })
  })

  it('in a KesIdentity', async () => {
    await cluster.create([kesIdentity(namespace.name, server, 'defaults')])
    const stored = await cluster.client.get(kesIdentities, { namespace: namespace.name, name: 'defaults' })
    expect(stored?.spec).toEqual({ ...server, secretName: 'kes-client', policy: { allow: [], deny: [] } })
  })
})
