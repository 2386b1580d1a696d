import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { policiesIn, policiesOf, sidecarConfiguration } from '../../../../src/controller/sidecar/configuration.ts'
import { hex, inPods, issued, keystore } from './world.ts'

const identities = [
  issued('a'),
  issued('b', { name: 'backup' }),
  issued('c', { name: 'going', deletionTimestamp: '2026-01-01T00:00:00Z' }),
]

describe('the configuration of the KES inside the MinIO pods of a namespace', () => {
  const text = sidecarConfiguration(inPods(), policiesOf(inPods(), identities), hex('d'), keystore)
  const written = parse(text) as Record<string, unknown>

  it('listens inside the pod only, and knows no administrator', () => {
    expect(written).toMatchObject({
      address: '127.0.0.1:7373',
      admin: { identity: 'disabled' },
      tls: { key: '/run/kes/tls.key', cert: '/run/kes/tls.crt', auth: 'off' },
      cache: { expiry: { any: '5m', unused: '30s', offline: '1h' } },
      keystore,
    })
    expect(written).not.toHaveProperty('api')
  })

  it('carries the identities of the namespace, each with its own prefix, and those alone that stay', () => {
    const policies = policiesIn(text)
    expect([...policies.keys()]).toEqual(['kes-injector-probe', 'team-a_backup', 'team-a_kes-client'])
    expect(policies.get('team-a_kes-client')).toMatchObject({ identities: [hex('a')], deny: [] })
    expect(policies.get('team-a_kes-client')?.allow).toContain('/v1/key/create/team-a_*')
    expect(policies.get('team-a_backup')?.identities).toEqual([hex('b')])
  })

  it('lets the pair that KES serves ask for the status, and nothing else', () => {
    expect(policiesIn(text).get('kes-injector-probe')).toEqual({
      allow: ['/v1/status'],
      deny: [],
      identities: [hex('d')],
    })
  })

  it('lets MinIO create no keys where the KeyServer says so', () => {
    const strict = inPods({ allowKeyCreation: false })
    expect(JSON.stringify(policiesOf(strict, identities))).not.toContain('/v1/key/create/')
  })
})
