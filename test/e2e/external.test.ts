import { expect, it } from 'vitest'
import type { KeyServer } from '../../src/api/keyServer.ts'
import { kesIdentities, keyServers, pods, secrets } from '../../src/kube/resources.ts'
import { optIn, refusal } from '../fixtures/clusterAccess.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { askKes } from './kes.ts'
import { get, handedOut, identityRef, put, startMinio } from './minio.ts'

const name = 'theirs'
const endpoint = 'https://kes-default.kes-injector.svc:7373'
const ready = { type: 'Ready', status: 'True' } as const

/** As somebody else's: the KES that the embedded KeyServer runs, known by nothing but its address, its authority and an administrator. */
const external: Pick<KeyServer, 'apiVersion' | 'kind'> & { readonly metadata: object; readonly spec: object } = {
  apiVersion: 'kes-injector.io/v1alpha1',
  kind: 'KeyServer',
  metadata: { name },
  spec: {
    external: {
      endpoints: [endpoint],
      caSecretRef: { name: 'kes-default-authority-1', key: 'tls.crt' },
      adminSecretRef: { name: 'kes-default-enclave-admin' },
    },
  },
}

describeInCluster('a KES that somebody else runs', (cluster) => {
  const { client, kubectl } = cluster

  it('is what MinIO encrypts with, from one label on; and the identity is revoked there when it is deleted', async () => {
    await cluster.create([external])
    try {
      await untilCondition(cluster, keyServers, { name }, ready)
      await using namespace = await cluster.makeNamespace({
        labels: optIn,
        annotations: { 'kes-injector.io/key-server': name },
      })
      await startMinio(cluster, namespace.name)
      await put(cluster, namespace.name, 'object', 'written with the KES of somebody else')
      expect(await get(cluster, namespace.name, 'object')).toBe('written with the KES of somebody else')
      const { items } = await client.list(pods, { namespace: namespace.name })
      const env = items[0]?.spec?.containers.find((each) => each.name === 'minio')?.env ?? []
      const key = `${namespace.name}_minio`
      expect(env).toContainEqual({ name: 'MINIO_KMS_KES_ENDPOINT', value: endpoint })
      expect(env).toContainEqual({ name: 'MINIO_KMS_KES_KEY_NAME', value: key })
      await untilCondition(cluster, kesIdentities, identityRef(namespace.name), ready)
      const secret = await client.get(secrets, { namespace: namespace.name, name: 'kes-client' })
      const authority = await client.get(secrets, { namespace: 'kes-injector', name: 'kes-default-authority-1' })
      expect(secret?.data?.['ca.crt']).toBe(authority?.data?.['tls.crt'])

      const pair = await handedOut(cluster, namespace.name)
      await kubectl(['delete', 'namespace', namespace.name, '--timeout=120s'])
      await askKes(cluster, 'default', pair, (kes) =>
        expect(kes.generate(key)).rejects.toMatchObject({ code: 'NotAllowed' }),
      )
    } finally {
      await client.delete(keyServers, { name })
    }
  })

  it('must be one kind of key server and no other', async () => {
    const both = { ...external, metadata: { name: 'both' }, spec: { ...external.spec, stateful: {} } }
    expect(await refusal(cluster.create([both]))).toContain(
      'exactly one of spec.stateful, spec.server and spec.external',
    )
  })
})
