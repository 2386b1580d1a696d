import { createHash, X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { mutatingWebhookConfigurations, secrets } from '../../src/kube/resources.ts'
import { splitBundle } from '../../src/pki/bundle.ts'
import { optIn, releaseNamespace } from '../fixtures/clusterAccess.ts'
import { until } from '../rig/waiting.ts'
import { startDryRuns } from './dryRunStream.ts'
import { minioPod } from './objects.ts'
import { useApiServer } from './server.ts'

const cluster = useApiServer()
const { client } = cluster

const leafName = { namespace: releaseNamespace, name: 'kes-injector-webhook-tls' }
const authorityName = { namespace: releaseNamespace, name: 'kes-injector-webhook-authority' }
const manager = 'kes-injector-ca-bundle'
const entries = ['minio-pods.kes-injector.io', 'minio-tenants.kes-injector.io']

const fingerprint = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')

async function certificateIn(name: typeof leafName): Promise<string | undefined> {
  const text = (await client.get(secrets, name))?.data?.['tls.crt']
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString()
}

/** Certificates of each entry's caBundle, by the entry's name. */
async function bundles(): Promise<Readonly<Record<string, readonly string[]>>> {
  const configuration = await client.get(mutatingWebhookConfigurations, { name: 'kes-injector' })
  return Object.fromEntries(
    (configuration?.webhooks ?? []).map(({ name, clientConfig }) => [
      name,
      splitBundle(Buffer.from(clientConfig.caBundle ?? '', 'base64').toString()),
    ]),
  )
}

/** What the webhook presents to a new connection. */
function served(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: cluster.tier.webhookPort, rejectUnauthorized: false }, () => {
      resolve(createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex'))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

async function untilLeafIsNot(former: string): Promise<string> {
  const another = async () => {
    const pem = await certificateIn(leafName)
    return pem === undefined || pem === former ? undefined : pem
  }
  return until(another, { what: 'another leaf', timeoutMs: 60_000 })
}

const untilServed = (leaf: string) =>
  until(async () => (await served()) === fingerprint(leaf) || undefined, {
    what: 'the webhook to present the new leaf',
    timeoutMs: 60_000,
    everyMs: 200,
  })

async function currentLeaf(): Promise<string> {
  const leaf = await certificateIn(leafName)
  if (leaf === undefined) throw new Error('there is no leaf')
  return leaf
}

describe('the authority of the webhook', () => {
  it('stands in the caBundle of every entry, and that field alone is owned by a manager of its own', async () => {
    const authority = await certificateIn(authorityName)
    for (const bundle of Object.values(await bundles())) expect(bundle).toEqual([authority])
    expect(Object.keys(await bundles()).sort()).toEqual(entries)
    const { metadata } = await cluster.read<{ metadata: { managedFields: readonly Record<string, unknown>[] } }>([
      'get',
      'mutatingwebhookconfiguration',
      'kes-injector',
      '--show-managed-fields',
    ])
    const owned = metadata.managedFields.filter((each) => JSON.stringify(each).includes('f:caBundle'))
    expect(owned.map((each) => each['manager'])).toEqual([manager])
    const caBundleOnly = { '.': {}, 'f:name': {}, 'f:clientConfig': { 'f:caBundle': {} } }
    expect(owned[0]?.['fieldsV1']).toEqual({
      'f:webhooks': Object.fromEntries(entries.map((name) => [`k:{"name":"${name}"}`, caBundleOnly])),
    })
  })

  it('survives a helm upgrade, which applies the configuration again without it', async () => {
    const before = await bundles()
    const upgrade = ['upgrade', 'kes-injector', cluster.tier.chart, '-n', releaseNamespace]
    await cluster.helm([...upgrade, '--set', 'webhook.timeoutSeconds=4'])
    const upgraded = await client.get(mutatingWebhookConfigurations, { name: 'kes-injector' })
    expect(upgraded?.webhooks?.map(({ timeoutSeconds }) => timeoutSeconds)).toEqual([4, 4])
    expect(await bundles()).toEqual(before)
    await cluster.helm([...upgrade, '--set', 'webhook.timeoutSeconds=5'])
    expect(await bundles()).toEqual(before)
  })
})

describe('while MinIO pods are created all the time', () => {
  it('none is refused or left unconnected through five re-issues of the leaf', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await cluster.create([minioPod(namespace.name, 'first')])
    const stream = startDryRuns(cluster.tier.kubeconfig, namespace.name)
    try {
      let leaf = await currentLeaf()
      for (let time = 0; time < 5; time++) {
        await client.delete(secrets, leafName)
        leaf = await untilLeafIsNot(leaf)
        await untilServed(leaf)
      }
    } finally {
      const { created, failed } = await stream.end()
      expect(failed).toEqual([])
      expect(created, 'several creations for each leaf').toBeGreaterThan(25)
    }
  })

  it('none is refused when the authority itself is replaced: the former one stays in the bundle', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await cluster.create([minioPod(namespace.name, 'first')])
    const former = await certificateIn(authorityName)
    const stream = startDryRuns(cluster.tier.kubeconfig, namespace.name)
    try {
      const leaf = await currentLeaf()
      await client.delete(secrets, authorityName)
      const next = await untilLeafIsNot(leaf)
      const authority = await certificateIn(authorityName)
      expect(authority).not.toBe(former)
      for (const bundle of Object.values(await bundles())) {
        expect(bundle).toContain(former)
        expect(bundle).toContain(authority)
      }
      await untilServed(next)
    } finally {
      const { failed } = await stream.end()
      expect(failed).toEqual([])
    }
  })
})
