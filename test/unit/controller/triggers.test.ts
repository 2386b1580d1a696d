import { describe, expect, it } from 'vitest'
import { triggers } from '../../../src/controller/triggers.ts'
import { kesIdentity } from './identities.ts'
import { keyServer } from './keyServers.ts'

const identities = [
  kesIdentity(),
  kesIdentity({ keyServerRef: { name: 'eu' }, secretName: 'other' }, { name: 'second' }),
  kesIdentity({}, { namespace: 'team-b' }),
]
const named = (name: string, labels?: Record<string, string>, namespace = 'kes-system') => ({
  metadata: { name, namespace, ...(labels ? { labels } : {}) },
})

describe('what is looked at again when', () => {
  it('a namespace changes: itself, and its identities, since a KeyServer selects by its labels', () => {
    expect(triggers.namespace({ metadata: { name: 'team-a' } }, identities)).toEqual([
      ['namespace', 'team-a'],
      ['kesIdentity', 'team-a/kes-client'],
      ['kesIdentity', 'team-a/second'],
    ])
  })

  it('a KeyServer changes: itself, the identities that wait for it, and what runs in their MinIO pods', () => {
    expect(triggers.keyServer({ metadata: { name: 'default' } }, identities)).toEqual([
      ['keyServer', 'default'],
      ['watchdog', 'default'],
      ['kesIdentity', 'team-a/kes-client'],
      ['sidecar', 'team-a'],
      ['kesIdentity', 'team-b/kes-client'],
      ['sidecar', 'team-b'],
    ])
  })

  it('a Secret of a person changes that KeyServers name: those', () => {
    const refs = { keystoreSecretRef: { name: 'vault' }, environmentSecretRef: { name: 'env' } }
    const before = keyServer({ stateful: undefined, server: refs }, undefined, { name: 'company' })
    const outside = { endpoints: ['https://kes'], caSecretRef: { name: 'ca' } }
    const elsewhere = keyServer({ stateful: undefined, external: outside }, undefined, { name: 'outside' })
    const wakes = (name: string) => triggers.namedSecret(named(name), [keyServer(), before, elsewhere])
    expect(['vault', 'env', 'ca', 'sh.helm.release.v1'].map(wakes)).toEqual([
      [['keyServer', 'company']],
      [['keyServer', 'company']],
      [['keyServer', 'outside']],
      [],
    ])
  })

  it('an identity changes: itself, the server that makes its key, and the namespace that would make it again', () => {
    expect(triggers.kesIdentity(kesIdentity())).toEqual([
      ['kesIdentity', 'team-a/kes-client'],
      ['keyServer', 'default'],
      ['namespace', 'team-a'],
      ['sidecar', 'team-a'],
    ])
  })

  it('the configuration of a KES inside MinIO pods changes: it, and the identities that it carries', () => {
    expect(triggers.sidecarSecret(named('kes-sidecar', {}, 'team-a'), identities)).toEqual([
      ['sidecar', 'team-a'],
      ['kesIdentity', 'team-a/kes-client'],
      ['kesIdentity', 'team-a/second'],
    ])
  })

  it("a key server's pod changes: its server", () => {
    expect(triggers.keyServerPod(named('kes-eu-0', { 'kes-injector.io/key-server': 'eu' }))).toEqual([
      ['keyServer', 'eu'],
    ])
    expect(triggers.keyServerPod(named('stranger-0'))).toEqual([])
  })

  it.each([
    [
      "an identity's kept pair",
      named('identity.team-a.kes-client', { 'kes-injector.io/key-server': 'default' }),
      [['kesIdentity', 'team-a/kes-client']],
    ],
    [
      "a key server's material",
      named('kes-default-unseal', { 'kes-injector.io/key-server': 'default' }),
      [['keyServer', 'default']],
    ],
    [
      "the webhook's pair",
      named('kes-injector-webhook-tls', { 'app.kubernetes.io/component': 'webhook' }),
      [['servingCertificate', 'webhook']],
    ],
    ['something else', named('registry-credentials'), []],
    ['a name that only looks alike', named('identity.team-a'), []],
  ])('a Secret of the release changes: %s', (_what, secret, wakes) => {
    expect(triggers.releaseSecret(secret)).toEqual(wakes)
  })

  it('the Secret of a workload changes: the identity that it carries', () => {
    expect(triggers.workloadSecret(named('kes-client', {}, 'team-b'), identities)).toEqual([
      ['kesIdentity', 'team-b/kes-client'],
    ])
    expect(triggers.workloadSecret(named('other', {}, 'team-a'), identities)).toEqual([
      ['kesIdentity', 'team-a/second'],
    ])
    expect(triggers.workloadSecret(named('kes-client', {}, 'team-c'), identities)).toEqual([])
  })

  it('the webhook configuration changes: the serving certificate', () => {
    expect(triggers.webhookConfiguration()).toEqual([['servingCertificate', 'webhook']])
  })
})
