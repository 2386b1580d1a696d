import { beforeEach, describe, expect, it } from 'vitest'
import type { KesIdentity } from '../../../../src/api/kesIdentity.ts'
import type { KeyServer } from '../../../../src/api/keyServer.ts'
import { reconcile } from '../../../../src/controller/reconciler.ts'
import { secretText } from '../../../../src/controller/found.ts'
import { enrolSidecar } from '../../../../src/controller/sidecar/enrolSidecar.ts'
import { sidecarKeyServerReconciler } from '../../../../src/controller/sidecar/keyServerReconciler.ts'
import { sidecarReconciler } from '../../../../src/controller/sidecar/reconciler.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { kesIdentities, keyServers, secrets, type Secret } from '../../../../src/kube/resources.ts'
import { certificateFacts } from '../../../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../../../src/pki/certificateParts.ts'
import { memoryClient, type MemoryClient } from '../memoryClient.ts'
import { after, dayMs, now } from '../pairs.ts'
import { hex, inPods, issued } from './world.ts'

const releaseNamespace = 'kes-system'
const secret = (namespace: string, name: string, data: Readonly<Record<string, string>>): Secret => ({
  metadata: { namespace, name },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})
const section = 'vault:\n  endpoint: https://vault.example\n  approle: { id: a, secret: "${SECRET}" }\n'

let client: MemoryClient
let told: string[]
let at = now

beforeEach(() => {
  at = now
  told = []
  client = memoryClient(
    [keyServers, inPods({ environmentSecretRef: { name: 'vault-environment' } })],
    [secrets, secret(releaseNamespace, 'my-vault', { 'server-config.yaml': section })],
    [secrets, secret(releaseNamespace, 'vault-environment', { SECRET: 'from the environment' })],
    [kesIdentities, issued('a')],
  )
})

const edges = () => ({
  client,
  now: () => at,
  tell: (_about: unknown, _type: string, reason: string) => void told.push(reason),
  releaseNamespace,
})
const watcher = { acted: () => undefined }
const toRest = async () => {
  const { signal } = new AbortController()
  await reconcile(sidecarKeyServerReconciler(edges()), 'default', () => at, signal, watcher)
  await reconcile(sidecarReconciler(edges()), 'team-a', () => at, signal, watcher)
}
const written = () => client.at(secrets, { namespace: 'team-a', name: 'kes-sidecar' })
const textOf = (key: string): string => {
  const made = written()
  return (made && secretText(made, key)) ?? ''
}
const enrolment = (identity: KesIdentity = issued('a'), digit = 'a') =>
  enrolSidecar(client).observe({
    identity,
    keyServer: client.at<KeyServer>(keyServers, { name: 'default' }) ?? inPods(),
    pair: { certificatePem: '', keyPem: '' },
    hex: hex(digit),
    keyName: 'team-a_minio',
  })

describe('the Secret of the KES inside the MinIO pods of a namespace', () => {
  it('is written whole and in one write: configuration with the credentials, and a pair for the addresses inside the pod', async () => {
    await toRest()
    expect(Object.keys(written()?.data ?? {})).toEqual(['server-config.yaml', 'tls.crt', 'tls.key'])
    expect(textOf('server-config.yaml')).toContain('secret: from the environment')
    expect(textOf('server-config.yaml')).toContain(identityOf(textOf('tls.crt')))
    expect(certificateFacts(readCertificate(textOf('tls.crt')))).toMatchObject({
      dnsNames: ['localhost'],
      ipAddresses: ['127.0.0.1', '::1'],
    })
    expect(client.writes.filter((each) => each.includes('kes-sidecar'))).toEqual(['apply secrets team-a/kes-sidecar'])
  })

  it('enrols an identity by carrying it, and waits where it does not', async () => {
    expect(await enrolment()).toMatchObject({ waitsFor: { reason: 'SidecarConfiguration' }, call: undefined })
    await toRest()
    expect(await enrolment()).toEqual({ is: 'known', policy: true, assigned: true, call: 'configured' })
    expect(await enrolment(issued('b'), 'b')).toMatchObject({ assigned: false })
    expect(await enrolment(issued('a', { name: 'other' }))).toMatchObject({ policy: false })
  })

  it('is renewed with the same key', async () => {
    await toRest()
    const [certificate, key, configuration] = [textOf('tls.crt'), textOf('tls.key'), textOf('server-config.yaml')]
    at = after(70 * dayMs)
    await toRest()
    expect(textOf('tls.crt')).not.toBe(certificate)
    expect([textOf('tls.key'), textOf('server-config.yaml')]).toEqual([key, configuration])
  })

  it('keeps its last good configuration where the key store section is broken, and is renewed all the same', async () => {
    await toRest()
    const [certificate, configuration] = [textOf('tls.crt'), textOf('server-config.yaml')]
    client.place(secrets, secret(releaseNamespace, 'my-vault', { 'server-config.yaml': 'vault: {}' }))
    at = after(70 * dayMs)
    await toRest()
    expect(textOf('server-config.yaml')).toBe(configuration)
    expect(textOf('tls.crt')).not.toBe(certificate)
    expect(told).toContain('SidecarNotConfigured')
  })

  it('is never written over where it is a person’s', async () => {
    const own = secret('team-a', 'kes-sidecar', { mine: 'x' })
    client.place(secrets, own)
    await toRest()
    expect(written()?.data).toEqual(own.data)
    expect(await enrolment()).toMatchObject({ waitsFor: { reason: 'SecretConflict' } })
  })

  it('goes with the last identity, and with it the credentials', async () => {
    await toRest()
    client.place(kesIdentities, issued('a', { deletionTimestamp: now.toISOString() }))
    const leaver = { identity: issued('a'), keyServer: inPods(), keyName: '', pair: undefined, hex: hex('a') }
    expect(await enrolSidecar(client).observeWithdrawal(leaver)).toMatchObject({ listed: true })
    await toRest()
    expect(written()).toBeUndefined()
    expect(await enrolSidecar(client).observeWithdrawal(leaver)).toMatchObject({ listed: false })
  })

  it('is not written for a key server that runs elsewhere', async () => {
    client.place(keyServers, inPods({ placement: 'Service' }))
    await toRest()
    expect(written()).toBeUndefined()
  })
})
