import { describe, expect, it } from 'vitest'
import { pods, type Pod } from '../../src/kube/resources.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { minioPod } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()

const stored = async (namespace: string, name: string): Promise<Pod> => {
  const pod = await cluster.client.get(pods, { namespace, name })
  if (!pod) throw new Error(`${namespace}/${name} is not there`)
  return pod
}

describe('a MinIO pod that is created in a labelled namespace', () => {
  it('is stored with one projected volume, one mount and five variables before its own', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await cluster.create([minioPod(name, 'minio', { env: [{ name: 'MINIO_REGION', value: 'here' }] })])

    const pod = await stored(name, 'minio')
    const [container] = pod.spec?.containers ?? []
    expect(pod.spec?.volumes).toContainEqual({
      name: 'kes-injector',
      projected: {
        defaultMode: 0o444,
        sources: [
          {
            secret: {
              name: 'kes-client',
              items: ['tls.crt', 'tls.key', 'ca.crt'].map((file) => ({ key: file, path: file })),
            },
          },
        ],
      },
    })
    expect(container?.volumeMounts).toContainEqual({
      name: 'kes-injector',
      mountPath: '/run/kes-injector',
      readOnly: true,
    })
    expect(container?.env).toEqual([
      { name: 'MINIO_KMS_KES_ENDPOINT', value: 'https://kes-default.kes-injector.svc:7373' },
      { name: 'MINIO_KMS_KES_KEY_NAME', value: `${name}_minio` },
      { name: 'MINIO_KMS_KES_CERT_FILE', value: '/run/kes-injector/tls.crt' },
      { name: 'MINIO_KMS_KES_KEY_FILE', value: '/run/kes-injector/tls.key' },
      { name: 'MINIO_KMS_KES_CAPATH', value: '/run/kes-injector/ca.crt' },
      { name: 'MINIO_REGION', value: 'here' },
    ])
  })

  it('keeps its other containers and volumes as they were written', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    const neighbour = { name: 'backup', image: 'backup', env: [{ name: 'A', value: 'b' }] }
    await cluster.create([
      minioPod(
        name,
        'minio',
        { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
        {
          containers: [
            neighbour,
            { name: 'minio', image: 'minio', volumeMounts: [{ name: 'data', mountPath: '/data' }] },
          ],
          volumes: [{ name: 'data', emptyDir: {} }],
          securityContext: { fsGroup: 1000 },
        },
      ),
    ])
    const pod = await stored(name, 'minio')
    expect(pod.spec?.containers[0]).toMatchObject(neighbour)
    expect(pod.spec?.containers[0]?.volumeMounts?.some(({ name }) => name === 'kes-injector')).toBe(false)
    expect(pod.spec?.containers[1]?.volumeMounts?.[0]).toEqual({ name: 'data', mountPath: '/data' })
    expect(pod.spec?.volumes?.[0]).toEqual({ name: 'data', emptyDir: {} })
    expect(pod.spec?.volumes?.find(({ name }) => name === 'kes-injector')?.projected?.defaultMode).toBe(0o440)
  })

  it('tells whoever creates it what it was connected to', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    const warnings: string[] = []
    await cluster
      .kubectl(['create', '--warnings-as-errors', '-f', '-'], { stdin: JSON.stringify(minioPod(name, 'minio')) })
      .catch((error: unknown) => warnings.push(String(error)))
    expect(warnings.join()).toContain(`Injected: connected to KeyServer default, key ${name}_minio`)
  })

  it('is stored as it was written where it opts out', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    const pod = minioPod(name, 'minio')
    await cluster.create([
      { ...pod, metadata: { name: 'minio', namespace: name, annotations: { 'kes-injector.io/inject': 'disabled' } } },
    ])
    const { spec } = await stored(name, 'minio')
    expect(spec?.containers[0]?.env).toBeUndefined()
    expect(spec?.volumes?.some((volume) => volume.name === 'kes-injector')).toBe(false)
  })

  it('is the same at a second creation of what was stored: nothing is added twice', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await cluster.create([minioPod(name, 'first')])
    const { spec } = await stored(name, 'first')
    await cluster.create([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'second', namespace: name }, spec }])
    expect((await stored(name, 'second')).spec).toEqual(spec)
  })
})
