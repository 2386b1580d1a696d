import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pods, secrets } from '../../src/kube/resources.ts'
import { generatePrivateKey, privateKeyPem } from '../../src/pki/privateKey.ts'
import { optIn } from '../fixtures/clusterAccess.ts'
import { askKes } from './kes.ts'
import { describeInCluster, type E2eCluster } from './cluster.ts'
import { keyWindows, leaksIn } from './keyBytes.ts'
import { handedOut, put, startMinio } from './minio.ts'

/** Every value in the cluster that must never be seen: private keys and unseal keys. */
async function secretValues({ client }: E2eCluster): Promise<Readonly<Record<string, Buffer>>> {
  const { items } = await client.list(secrets)
  const values = items.flatMap(({ metadata, data = {} }) =>
    Object.entries(data)
      .filter(([key]) => key === 'tls.key' || (key === 'key' && metadata.name.endsWith('-unseal')))
      .map(
        ([key, value]) =>
          [`${metadata.namespace ?? ''}/${metadata.name} ${key}`, Buffer.from(value, 'base64')] as const,
      ),
  )
  return Object.fromEntries(values)
}

/** All that anybody can read without the right to read Secrets, by where it is read. */
async function readable(cluster: E2eCluster): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = { 'audit log': readFileSync(cluster.tier.auditLog, 'utf8') }
  for (const file of readdirSync(cluster.tier.logFolder)) {
    texts[`node: ${file}`] = readFileSync(join(cluster.tier.logFolder, file), 'utf8')
  }
  for (const kind of [
    'events',
    'keyservers',
    'kesidentities',
    'pods',
    'statefulsets',
    'configmaps',
    'mutatingwebhookconfigurations',
    'leases',
  ]) {
    texts[kind] = await cluster.kubectl(['get', kind, '-A', '-o', 'json', '--show-managed-fields'])
  }
  for (const { metadata } of (await cluster.client.list(pods)).items) {
    const logs = ['logs', '-n', metadata.namespace ?? '', metadata.name, '--all-containers', '--ignore-errors']
    texts[`log of ${metadata.name}`] = await cluster.kubectl(logs).catch(String)
    texts[`former log of ${metadata.name}`] = await cluster.kubectl([...logs, '--previous']).catch(String)
  }
  return texts
}

describeInCluster('no byte of a key', (cluster) => {
  it('would escape the search: it finds one in every way in which programs write it', () => {
    const pem = privateKeyPem(generatePrivateKey())
    const windows = keyWindows({ mine: Buffer.from(pem), other: Buffer.from(privateKeyPem(generatePrivateKey())) })
    const base64 = Buffer.from(pem).toString('base64')
    for (const text of [
      `error: ${pem}`,
      JSON.stringify({ message: pem }),
      JSON.stringify({ message: JSON.stringify({ body: pem }) }),
      `data: ${base64}`,
      `patch: ${Buffer.from(JSON.stringify({ data: base64 })).toString('base64')}`,
      `body ${pem.split('\n').slice(1, -2).join('')}`,
    ]) {
      expect(leaksIn(text, windows)).toContain('mine')
      expect(leaksIn(text, windows)).not.toContain('other')
    }
    expect(leaksIn('nothing of the kind: '.repeat(100), windows)).toEqual([])
  })

  it('stands in a log, an event, a status or the audit log after keys were made, handed out and used', async () => {
    await using namespace = await cluster.makeNamespace({ labels: optIn })
    await startMinio(cluster, namespace.name)
    await put(cluster, namespace.name, 'object', 'text')
    const pair = await handedOut(cluster, namespace.name)
    const dataKey = await askKes(cluster, 'default', pair, (kes) => kes.generate(`${namespace.name}_minio`))

    const values = { ...(await secretValues(cluster)), 'a data key': dataKey.plaintext }
    const names = Object.keys(values)
    for (const part of [
      'unseal',
      'authority-1',
      'enclave-admin',
      'system-admin',
      'server',
      'kes-client',
      'webhook-tls',
    ])
      expect(names.some((name) => name.includes(part))).toBe(true)
    const windows = keyWindows(values)
    const texts = await readable(cluster)
    expect(texts['audit log']?.length).toBeGreaterThan(100_000)
    const logs = Object.entries(texts).filter(([where]) =>
      /^log of (kes-default|kes-injector-(webhook|controller))/.test(where),
    )
    expect(logs.length).toBeGreaterThanOrEqual(5)
    for (const [, text] of logs) expect(text.length).toBeGreaterThan(100)
    const leaks = Object.entries(texts).flatMap(([where, text]) =>
      leaksIn(text, windows).map((name) => `${name} in ${where}`),
    )
    expect(leaks).toEqual([])
  })
})
