import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kesIdentities, keyServers, secrets } from '../../src/kube/resources.ts'
import { certificateRequests } from '../../src/controller/issuance/certificateRequests.ts'
import { secretText } from '../../src/controller/found.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { certificateRequestDefinition } from '../rig/certManager/definition.ts'
import { startSigner, type Signer } from '../rig/certManager/signer.ts'
import { until } from '../rig/waiting.ts'
import { describeInCluster, untilCondition } from './cluster.ts'
import { get, identityRef, put, startMinio } from './minio.ts'
import { makeKeyServer, untilKeyServerReady, type OwnKeyServer } from './ownKeyServer.ts'

const issuer = 'company'

describeInCluster('certificates that cert-manager signs (a small signer in its place)', (cluster) => {
  const { client, kubectl } = cluster
  let signer: Signer
  let keyServer: OwnKeyServer

  beforeAll(async () => {
    await cluster.create([certificateRequestDefinition])
    await kubectl([
      'wait',
      `crd/${certificateRequestDefinition.metadata.name}`,
      '--for=condition=Established',
      '--timeout=30s',
    ])
    signer = startSigner(client, releaseNamespace, issuer)
    keyServer = await makeKeyServer(cluster, { certificates: { issuerRef: { name: issuer } } })
  }, 60_000)
  afterAll(async () => {
    await keyServer[Symbol.asyncDispose]()
    await signer[Symbol.asyncDispose]()
    await kubectl(['delete', 'crd', certificateRequestDefinition.metadata.name])
  })
  const clientSecret = (namespace: string) => client.get(secrets, { namespace, name: 'kes-client' })

  it('carry a key server and its MinIO the whole way, with the key of the issuer nowhere here', async () => {
    await untilKeyServerReady(cluster, keyServer.name)
    const authority = await client.get(secrets, {
      namespace: releaseNamespace,
      name: `${keyServer.workload}-authority-1`,
    })
    expect(Object.keys(authority?.data ?? {})).toEqual(['tls.crt'])
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': keyServer.name },
    })
    await untilCondition(cluster, kesIdentities, identityRef(namespace.name), { type: 'Ready', status: 'True' })
    const secret = await clientSecret(namespace.name)
    const [chain = '', trust = ''] = ['tls.crt', 'ca.crt'].map((key) => secret && secretText(secret, key))
    expect(new X509Certificate(chain).issuer).toContain('company issuing')
    expect(new X509Certificate(trust).fingerprint256).toBe(new X509Certificate(signer.rootPem).fingerprint256)
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'note', 'sealed')
    expect(await get(cluster, namespace.name, 'note')).toContain('sealed')
    expect((await client.list(certificateRequests, { namespace: releaseNamespace })).items).toEqual([])
  })

  it('are not taken with a second leaf in the chain, which KES would refuse, and nobody is given the pair', async () => {
    signer.behave = 'two leaves'
    await using namespace = await cluster.makeNamespace({
      labels: optIn,
      annotations: { 'kes-injector.io/key-server': keyServer.name },
    })
    const refused = { type: 'Issued', status: 'False', reason: 'IssuerRefused' } as const
    const { message } = await untilCondition(cluster, kesIdentities, identityRef(namespace.name), refused)
    expect(message).toContain('second leaf')
    expect(await clientSecret(namespace.name)).toBeUndefined()
    signer.behave = 'well'
    const [request] = (await client.list(certificateRequests, { namespace: releaseNamespace })).items
    // A person takes the refused request away; the same is asked again.
    if (request) await client.delete(certificateRequests, request.metadata)
    await until(() => clientSecret(namespace.name), { what: 'the Secret', timeoutMs: 90_000 })
  })

  it('say so while the issuer denies', async () => {
    signer.behave = 'deny'
    await using other = await makeKeyServer(cluster, { certificates: { issuerRef: { name: issuer } } })
    const refused = { type: 'Issued', status: 'False', reason: 'IssuerRefused' } as const
    const { message } = await untilCondition(cluster, keyServers, { name: other.name }, refused)
    expect(message).toContain('nobody gets anything today')
    signer.behave = 'well'
  })
})
