import { afterAll, expect, it } from 'vitest'
import { kesIdentities, keyServers, pods, secretMetadata } from '../../src/kube/resources.ts'
import { ourReference } from '../apiserver/objects.ts'
import { destroy, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { handMadeDataPath, makeKesByHand } from './handMadeKes.ts'
import { kubectlKes } from './kubectlKes.ts'
import { startTenant } from './operatorTenant.ts'
import { claims, makeKeyServer, untilKeyServerReady } from './ownKeyServer.ts'

/** One that the chart lists (workloadSecretNames), so that the controller may read it. */
const clientSecret = 'kes-tenant-client'
const former = 'made-by-hand'

describeInCluster('a Tenant that was edited by hand, on a KES made by hand', (cluster) => {
  const { client } = cluster
  afterAll(async () => {
    await destroy(cluster, claims, { namespace: releaseNamespace, name: former })
    for (const name of [`${former}-unseal`, `${former}-admin`])
      await client.delete(secretMetadata, { namespace: releaseNamespace, name })
  })

  it('is converted after the take-over: what was written before can be read, under the same identity', async () => {
    const made = await makeKesByHand(cluster, former, ['minio-default-key', 'minio-my-bucket'])
    const opaque = (namespace: string, name: string, stringData: object) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      stringData,
    })
    await using tenant = await startTenant(cluster, {
      optedIn: false,
      keyName: 'minio-default-key',
      besides: (namespace) => [
        opaque(namespace, clientSecret, {
          'private.key': made.minio.keyPem,
          'public.crt': made.minio.certificatePem,
        }),
        opaque(namespace, 'kes-minio-public', {
          'private.key': made.server.keyPem,
          'public.crt': made.server.certificatePem,
        }),
      ],
      spec: {
        externalClientCertSecrets: [
          { name: clientSecret, type: 'Opaque' },
          { name: 'kes-minio-public', type: 'Opaque' },
        ],
        env: [
          { name: 'MINIO_KMS_KES_ENDPOINT', value: made.endpoint },
          { name: 'MINIO_KMS_KES_CERT_FILE', value: '/tmp/certs/client-0/client.crt' },
          { name: 'MINIO_KMS_KES_KEY_FILE', value: '/tmp/certs/client-0/client.key' },
          { name: 'MINIO_KMS_KES_KEY_NAME', value: 'minio-default-key' },
          { name: 'MINIO_KMS_KES_CAPATH', value: '/tmp/certs/client-1/client.crt' },
          { name: 'MINIO_BROWSER', value: 'off' },
        ],
      },
    })
    const { namespace } = tenant
    await tenant.put('object', 'of before')
    await tenant.mc(
      'mc mb -q it/old && mc encrypt set sse-kms minio-my-bucket it/old && echo "with a key of its own" | mc pipe -q it/old/object',
    )

    // The former server goes; its data becomes a KeyServer, and the namespace is granted the keys before its identity is imported.
    await made.stop()
    await cluster.create([
      opaque(releaseNamespace, `${former}-unseal`, { key: made.unsealKey }),
      opaque(releaseNamespace, `${former}-admin`, {
        'public.crt': made.admin.certificatePem,
        'private.key': made.admin.keyPem,
      }),
    ])
    await using keyServer = await makeKeyServer(cluster, {
      stateful: {
        existing: {
          claimName: former,
          dataPath: handMadeDataPath,
          unsealSecretRef: { name: `${former}-unseal` },
          adminSecretRef: { name: `${former}-admin` },
        },
      },
    })
    await untilKeyServerReady(cluster, keyServer.name)
    expect((await client.get(keyServers, { name: keyServer.name }))?.status?.keys).toContain('minio-my-bucket')
    await cluster.kubectl([
      'annotate',
      'namespace',
      namespace,
      `kes-injector.io/key-server=${keyServer.name}`,
      'kes-injector.io/key-name=minio-default-key',
    ])
    await cluster.create([
      {
        apiVersion: 'kes-injector.io/v1alpha1',
        kind: 'KesIdentity',
        metadata: { name: 'kes-client', namespace },
        spec: {
          keyServerRef: { name: keyServer.name },
          keyName: 'minio-default-key',
          importSecretRef: { name: clientSecret },
        },
      },
    ])
    await cluster.kubectl(['label', 'namespace', namespace, 'kes-injector.io/inject=enabled'])

    const kes = (...words: readonly string[]) =>
      kubectlKes(cluster.tier.kubeconfig, ['convert', 'tenant/store', '-n', namespace, ...words])
    const identity = { namespace, name: 'kes-client' }
    await untilCondition(cluster, kesIdentities, identity, { type: 'Ready', status: 'False', reason: 'KeyNameInvalid' })
    const before = await tenant.stored()
    const early = await kes('--yes')
    expect(early.code, early.stdout + early.stderr).toBe(1)
    expect(early.stdout).toContain(`spec.grants: [{ namespace: ${namespace}, keys: [minio-default-key] }]`)

    const grants = [{ namespace, keys: ['minio-default-key', 'minio-my-bucket'] }]
    await client.mergePatch(keyServers, { name: keyServer.name }, { spec: { grants } })
    await untilCondition(cluster, kesIdentities, identity, { type: 'Ready', status: 'True' })
    expect((await client.get(kesIdentities, identity))?.status?.identity).toBe(made.minio.identity)

    const shown = await kes()
    expect(shown.code, shown.stdout + shown.stderr).toBe(0)
    expect(shown.stdout).toContain(`the entry ${clientSecret} (client-0) goes`)
    expect(shown.stdout).toContain('say it again with --yes')
    expect((await tenant.stored()).metadata.generation).toBe(before.metadata.generation)

    const done = await kes('--yes')
    expect(done.code, done.stdout + done.stderr).toBe(0)
    expect(done.stdout).toContain('The Tenant store is converted.')
    const { spec } = await tenant.stored()
    expect(spec.externalClientCertSecrets).toEqual([ourReference])
    expect(spec.env).toEqual([
      { name: 'MINIO_KMS_KES_ENDPOINT', value: `https://${keyServer.workload}.${releaseNamespace}.svc:7373` },
      { name: 'MINIO_KMS_KES_CERT_FILE', value: '/tmp/certs/client-0/client.crt' },
      { name: 'MINIO_KMS_KES_KEY_FILE', value: '/tmp/certs/client-0/client.key' },
      { name: 'MINIO_KMS_KES_KEY_NAME', value: 'minio-default-key' },
      { name: 'MINIO_KMS_KES_CAPATH', value: '/tmp/certs/CAs/client-ca-0.crt' },
      { name: 'MINIO_BROWSER', value: 'off' },
    ])
    for (const name of [clientSecret, 'kes-minio-public']) await client.delete(secretMetadata, { namespace, name })

    expect(await tenant.get('object')).toBe('of before')
    expect((await tenant.mc('mc cat it/old/object')).trim()).toBe('with a key of its own')
    await tenant.put('object', 'of after')
    expect(await tenant.get('object')).toBe('of after')

    const running = (await client.list(pods, { namespace })).items.map(({ metadata }) => metadata.uid)
    const again = await kes('--yes')
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('already') as string })
    expect((await client.list(pods, { namespace })).items.map(({ metadata }) => metadata.uid)).toEqual(running)
  })
})
