import { describe, expect, it } from 'vitest'
import { pods, type Pod } from '../../src/kube/resources.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { kesVariables, minioPod } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const stored = async (namespace: string, name: string): Promise<Pod> => {
  const pod = await cluster.client.get(pods, { namespace, name })
  if (!pod) throw new Error(`${namespace}/${name} is not there`)
  return pod
}
const environmentOf = (pod: Pod) => pod.spec?.containers[0]?.env ?? []
const secretsOf = (pod: Pod) =>
  (pod.spec?.volumes ?? []).flatMap(({ secret, projected }) => [
    ...(secret ? [secret.secretName] : []),
    ...(projected?.sources ?? []).flatMap((source) => (source.secret ? [source.secret.name] : [])),
  ])

describe('a pod that says it is MinIO', () => {
  it('gets the identity of its own namespace and no other, whatever it calls itself', async () => {
    await using theirs = await cluster.makeNamespace({ labels: optIn })
    await using mine = await cluster.makeNamespace({ labels: optIn })
    const spoof = {
      ...minioPod(mine.name, 'minio'),
      metadata: {
        name: 'minio',
        namespace: mine.name,
        labels: { app: 'minio', 'app.kubernetes.io/name': 'minio', namespace: theirs.name },
      },
    }
    await cluster.create([spoof])
    const pod = await stored(mine.name, 'minio')
    expect(secretsOf(pod)).toContain('kes-client')
    expect(environmentOf(pod)).toContainEqual({ name: 'MINIO_KMS_KES_KEY_NAME', value: `${mine.name}_minio` })
    expect(JSON.stringify(pod.spec)).not.toContain(theirs.name)
  })

  it('is refused the key of another namespace, by annotation and by variable', async () => {
    await using theirs = await cluster.makeNamespace({ labels: optIn })
    await using mine = await cluster.makeNamespace({ labels: optIn })
    const key = `${theirs.name}_minio`
    const annotated = {
      ...minioPod(mine.name, 'annotated'),
      metadata: { name: 'annotated', namespace: mine.name, annotations: { 'kes-injector.io/key-name': key } },
    }
    expect(await refusal(cluster.create([annotated]))).toContain('KeyNameInvalid')
    const env = [{ name: 'MINIO_KMS_KES_KEY_NAME', value: key }]
    expect(await refusal(cluster.create([minioPod(mine.name, 'naming', { env })]))).toContain('KeyNameInvalid')
  })

  it("gets nothing from us where it imitates the operator's", async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const spoof = {
      ...minioPod(namespace.name, 'store-pool-0-0'),
      metadata: {
        name: 'store-pool-0-0',
        namespace: namespace.name,
        labels: { 'v1.min.io/tenant': 'store', 'v1.min.io/pool': 'pool-0' },
        ownerReferences: [
          { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'store-pool-0', uid: '0a1b', controller: true },
        ],
      },
    }
    // As it would be stored: its owner is made up, so the garbage collector would take the pod itself away at once.
    const pod = JSON.parse(await cluster.create([spoof], '--dry-run=server', '-o', 'json')) as Pod
    expect(environmentOf(pod)).toEqual([])
    expect(secretsOf(pod)).not.toContain('kes-client')
  })

  it('gets nothing in a namespace that is not labelled, with our settings written by hand neither', async () => {
    await using namespace = await cluster.makeNamespace()
    const env = kesVariables(namespace.name, 0)
    await cluster.create([minioPod(namespace.name, 'minio'), minioPod(namespace.name, 'copied', { env })])
    expect(environmentOf(await stored(namespace.name, 'minio'))).toEqual([])
    const copied = await stored(namespace.name, 'copied')
    expect(environmentOf(copied)).toEqual(env)
    expect(secretsOf(copied)).not.toContain('kes-client')
    expect((await cluster.kubectl(['get', 'secrets,kesidentities', '-n', namespace.name, '-o', 'name'])).trim()).toBe(
      '',
    )
  })
})
