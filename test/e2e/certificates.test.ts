import { expect, it } from 'vitest'
import { kesIdentities, keyServers, secrets } from '../../src/kube/resources.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { describeInCluster } from './cluster.ts'
import { askKes } from './kes.ts'
import { handedOut, identityRef, startMinio } from './minio.ts'
import { identity, verify } from './openssl.ts'

describeInCluster('openssl, strictly,', (cluster) => {
  const certificate = async (name: string): Promise<string> => {
    const secret = await cluster.client.get(secrets, { namespace: releaseNamespace, name })
    return Buffer.from(secret?.data?.['tls.crt'] ?? '', 'base64').toString()
  }
  const authority = () => certificate('kes-default-authority-1')

  it('accepts both authorities', async () => {
    for (const name of ['kes-default-authority-1', 'kes-injector-webhook-authority']) {
      const authorityPem = await certificate(name)
      expect(await verify(authorityPem, { authorityPem, purpose: 'any' })).toBe('OK')
    }
  })

  it('accepts the certificate of KES under the names that are dialled, and under no other nor as a client', async () => {
    const leaf = await certificate('kes-default-server')
    const expected = { authorityPem: await authority(), purpose: 'sslserver' } as const
    for (const hostName of ['kes-default.kes-injector.svc', 'kes-default.kes-injector.svc.cluster.local'])
      expect(await verify(leaf, { ...expected, hostName })).toBe('OK')
    expect(await verify(leaf, { ...expected, hostName: 'kes-default.other.svc' })).toContain('hostname mismatch')
    expect(await verify(leaf, { ...expected, purpose: 'sslclient' })).toContain('certificate purpose')
  })

  it('accepts the certificate of the webhook under the name that the API server verifies', async () => {
    const leaf = await certificate('kes-injector-webhook-tls')
    const authorityPem = await certificate('kes-injector-webhook-authority')
    const expected = { authorityPem, purpose: 'sslserver' } as const
    expect(await verify(leaf, { ...expected, hostName: 'kes-injector-webhook.kes-injector.svc' })).toBe('OK')
    expect(await verify(leaf, { ...expected, authorityPem: await authority() })).not.toBe('OK')
  })

  it('accepts both administrators as clients, and their identities are the recorded ones', async () => {
    const recorded = (await cluster.client.get(keyServers, { name: 'default' }))?.status?.admin
    for (const [admin, secret] of [
      [recorded?.enclave, 'kes-default-enclave-admin'],
      [recorded?.system, 'kes-default-system-admin'],
    ] as const) {
      const leaf = await certificate(secret)
      expect(await verify(leaf, { authorityPem: await authority(), purpose: 'sslclient' })).toBe('OK')
      expect(await identity(leaf)).toBe(admin)
    }
  })

  it("accepts a namespace's certificate as a client's only; its identity is what the status and KES itself say", async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    const { name } = namespace
    await startMinio(cluster, name)
    const pair = await handedOut(cluster, name)
    const { certificatePem, authorityPem } = pair
    expect(authorityPem).toBe(await authority())
    expect(await verify(certificatePem, { authorityPem, purpose: 'sslclient' })).toBe('OK')
    expect(await verify(certificatePem, { authorityPem, purpose: 'sslserver' })).toContain('certificate purpose')

    const computed = await identity(certificatePem)
    expect((await cluster.client.get(kesIdentities, identityRef(name)))?.status?.identity).toBe(computed)
    const self = await askKes(cluster, 'default', pair, (kes) => kes.describeSelf())
    expect(self).toMatchObject({ identity: computed, isAdmin: false })
    const opened = await askKes(cluster, 'default', pair, async (kes) => {
      const { plaintext, ciphertext } = await kes.generate(`${name}_minio`)
      return plaintext.equals(await kes.decrypt(`${name}_minio`, ciphertext))
    })
    expect(opened).toBe(true)
  })
})
