import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyServers, pods, type Pod } from '../../src/kube/resources.ts'
import { chartPod } from '../fixtures/chartPod.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { minioPod } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()
const keyServer = `in-pods-${Math.random().toString(36).slice(2, 8)}`
const annotations = { 'kes-injector.io/key-server': keyServer }
const restricted = { ...optIn, 'pod-security.kubernetes.io/enforce': 'restricted' }

beforeAll(async () => {
  const spec = { server: { placement: 'Sidecar', keystoreSecretRef: { name: 'keystore' } } }
  await cluster.create([
    { apiVersion: 'kes-injector.io/v1alpha1', kind: 'KeyServer', metadata: { name: keyServer }, spec },
  ])
})
afterAll(async () => {
  const said = { metadata: { annotations: { 'kes-injector.io/confirm-delete': keyServer } } }
  await cluster.client.mergePatch(keyServers, { name: keyServer }, said)
  await cluster.client.delete(keyServers, { name: keyServer })
})

const stored = async (namespace: string, name: string): Promise<NonNullable<Pod['spec']>> => {
  const pod = await cluster.client.get(pods, { namespace, name })
  if (!pod?.spec) throw new Error(`${namespace}/${name} is not there`)
  return pod.spec
}

/** A quota that asks every container for its limits, and what gives them to those that say nothing. */
const limits = (namespace: string): readonly object[] => [
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'share', namespace },
    spec: { limits: [{ type: 'Container', default: { cpu: '1', memory: '64Mi' }, defaultRequest: { cpu: '1m' } }] },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'quota', namespace },
    spec: { hard: { pods: '9', 'limits.cpu': '9', 'limits.memory': '1Gi' } },
  },
]

describe('a MinIO pod whose key server runs inside MinIO pods', () => {
  it.each(['bitnami-deployment', 'hand-several'])(
    'is stored with it in a namespace with the restricted profile, a quota and limits: %s',
    async (name) => {
      await using namespace = await cluster.makeNamespace({ labels: restricted, annotations })
      await cluster.create(limits(namespace.name))
      const text = JSON.stringify(chartPod(name)).replaceAll('team-a', namespace.name)
      const { metadata, spec } = JSON.parse(text) as ReturnType<typeof chartPod>
      const own = { name: 'store', namespace: namespace.name, annotations: metadata.annotations ?? {} }
      await cluster.create([{ apiVersion: 'v1', kind: 'Pod', metadata: own, spec }])
      const kes = (await stored(namespace.name, 'store')).initContainers?.at(-1)
      expect(kes).toMatchObject({
        name: 'kes',
        restartPolicy: 'Always',
        securityContext: { runAsNonRoot: true, readOnlyRootFilesystem: true },
      })
      // What the namespace gives to those that say nothing, ours got too: the processor is left open.
      expect(kes?.resources?.limits).toEqual({ cpu: '1', memory: '256Mi' })
    },
  )

  it('is the same at a second creation of what was stored', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn, annotations })
    const { name } = namespace
    await cluster.create([minioPod(name, 'first')])
    const spec = await stored(name, 'first')
    expect(spec.initContainers?.map((each) => each.name)).toEqual(['kes'])
    await cluster.create([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'second', namespace: name }, spec }])
    expect(await stored(name, 'second')).toEqual(spec)
  })

  it('is refused on the network of its node, where the port is everybody’s', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn, annotations })
    const said = await refusal(cluster.create([minioPod(namespace.name, 'minio', {}, { hostNetwork: true })]))
    expect(said).toContain('PortCollision: the pod is on the network of its node')
  })

  it('stays where it was told: the placement of a KeyServer cannot be changed', async () => {
    const patch = { spec: { server: { placement: 'Service' } } }
    await expect(cluster.client.mergePatch(keyServers, { name: keyServer }, patch)).rejects.toThrow(
      'placement cannot be changed',
    )
  })
})
