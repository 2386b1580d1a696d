import { describe, expect, it } from 'vitest'
import { KeyServerSpec, type KeyServer } from '../../../../src/api/keyServer.ts'
import type { Observed } from '../../../../src/plugin/convert/observe.ts'
import { planConvert } from '../../../../src/plugin/convert/plan.ts'
import { found } from '../../../../src/plugin/seen.ts'
import { literal } from '../../../fixtures/objects.ts'
import { context } from '../../../fixtures/requests.ts'
import { identity, keyServer, storedTenant, surroundings, unlabelled } from '../worlds.ts'
import { convertedEnv, handMadeEnv, handMadeTenant, oldClient, oldServer, ours, root, users } from './handMadeTenant.ts'

const hex = 'ab'.repeat(32)
const hiddenFile = (text: string): Observed['tenant']['hidden'][number] => [
  {
    kind: 'Secret',
    name: 'store-configuration',
    optional: false,
    how: { is: 'file', key: 'config.env', of: 'Tenant' },
  },
  found({ 'config.env': text }),
]
const grants = [{ namespace: 'team-a', keys: ['minio-default-key', 'minio-my-bucket'] }]
const server = (change: object = {}, status: object = {}): KeyServer => ({
  ...keyServer,
  spec: { ...keyServer.spec, grants, ...change },
  status: { ...keyServer.status, keys: ['kes-injector-check', 'minio-default-key', 'minio-my-bucket'], ...status },
})

const observedTenant = (tenant: unknown, hidden: Observed['tenant']['hidden'] = [hiddenFile('export A=b\n')]) => ({
  ...storedTenant(tenant),
  stored: { ...(tenant as object), metadata: { name: 'store', namespace: 'team-a', resourceVersion: '9' } },
  hidden,
})

/** A key server that was taken over, an imported identity, and a Tenant as hands left it. One difference per test. */
const settled: Observed = {
  tenant: observedTenant(handMadeTenant()),
  surroundings: {
    ...surroundings,
    context: { ...context, keyServer: { name: 'default', spec: server().spec } },
    identity: found({
      ...identity,
      spec: { ...identity.spec, keyName: 'minio-default-key', importSecretRef: { name: 'kes-minio' } },
    }),
  },
  keyServer: found(server()),
  certificate: { secret: 'kes-minio', identity: found(hex) },
}
const around = (change: Partial<Observed['surroundings']>): Observed => ({
  ...settled,
  surroundings: { ...settled.surroundings, ...change },
})
const texts = (observed: Observed) => planConvert(observed).findings.map(({ level, text }) => `${level}: ${text}`)

describe('converting a Tenant', () => {
  it('writes the lists that change, on the very Tenant that was looked at', () => {
    const plan = planConvert(settled)
    expect(plan.findings).toEqual([])
    expect(plan.action).toEqual({
      do: 'convert',
      namespace: 'team-a',
      tenant: 'store',
      resourceVersion: '9',
      spec: { env: [...root, ...convertedEnv()], externalClientCertSecrets: [ours] },
    })
  })

  it('says in plain words and exactly what goes, stays and moves', () => {
    const tenant = handMadeTenant({
      env: [...handMadeEnv(), literal('LDAP', '/tmp/certs/client-2/client.crt')],
      externalClientCertSecrets: [oldClient, oldServer, users],
    })
    const { lines, findings } = planConvert({ ...settled, tenant: observedTenant(tenant) })
    for (const line of [
      'Tenant store is connected by hand to https://10.244.1.7:7373, with the key minio-default-key.',
      '  - the entry kes-minio (client-0) goes',
      '  - the entry kes-minio-public (client-1) goes',
      '  - the entry ldap-client moves from client-2 to client-1',
      '  - the path in LDAP follows',
      '  + sets spec.env[0].value to https://kes-default.kes-system.svc:7373',
    ])
      expect(lines).toContain(line)
    expect(findings).toMatchObject([{ level: 'warning', text: expect.stringContaining('mc admin config') as string }])
  })

  it('is done once', () => {
    const tenant = handMadeTenant({ env: [...root, ...convertedEnv()], externalClientCertSecrets: [ours] })
    const again = { ...settled, tenant: observedTenant(tenant) }
    expect(planConvert(again)).toMatchObject({ action: undefined, findings: [] })
  })

  it('is finished where it was cut off: pods of before are still to be restarted', () => {
    const tenant = handMadeTenant({ env: convertedEnv(), externalClientCertSecrets: [ours] })
    const running = (secret: string) => ({
      pod: {
        metadata: { name: 'store-pool-0-0' },
        spec: { containers: [], volumes: [{ name: 't', projected: { sources: [{ secret: { name: secret } }] } }] },
      },
      container: 'minio',
      lastOutput: undefined,
    })
    const with_ = (...secrets: readonly string[]) => ({
      ...settled,
      tenant: { ...observedTenant(tenant), pods: secrets.map(running) },
    })
    expect(planConvert(with_('kes-client', 'kes-minio')).action).toMatchObject({ do: 'restart', tenant: 'store' })
    expect(planConvert(with_('kes-client', 'kes-client')).action).toBeUndefined()
  })

  it('also serves a Tenant that was opted out so that nobody touched it, and says so', () => {
    const annotations = { 'kes-injector.io/inject': 'disabled' }
    const tenant = { ...handMadeTenant(), metadata: { name: 'store', annotations } }
    const stored = { ...tenant, metadata: { ...tenant.metadata, resourceVersion: '9' } }
    const plan = planConvert({ ...settled, tenant: { ...observedTenant(tenant), stored } })
    expect(plan.action).toBeDefined()
    expect(plan.findings).toMatchObject([{ level: 'warning', text: expect.stringContaining('disabled') as string }])
  })

  it('warns where nobody would repair it afterwards', () => {
    const { context: seen } = settled.surroundings
    expect(
      texts({ ...settled, surroundings: { ...unlabelled, context: seen, identity: settled.surroundings.identity } }),
    ).toEqual([expect.stringContaining('warning: nobody would keep it connected') as string])
  })
})

describe('a Tenant is not converted', () => {
  const notReady = [{ type: 'Ready', status: 'False', reason: 'X', message: '', lastTransitionTime: '' }] as const

  it.each<[string, Observed, string]>([
    [
      'where its key was not granted',
      {
        ...settled,
        keyServer: found(server({ grants: [{ namespace: 'team-b', keys: ['minio-default-key', 'minio-my-bucket'] }] })),
      },
      'spec.grants: [{ namespace: team-a, keys: [minio-default-key] }]',
    ],
    [
      'to a server without its key',
      { ...settled, keyServer: found(server({}, { keys: ['other_minio'] })) },
      'has no key minio-default-key',
    ],
    [
      'to a server that is not Ready',
      { ...settled, keyServer: found(server({}, { conditions: notReady })) },
      'is not Ready',
    ],
    ['to a server that nobody may read', { ...settled, keyServer: { is: 'hidden' } }, 'may not read KeyServers'],
    ['to a server that is not there', around({ context: { ...context, keyServer: 'unknown' } }), 'does not exist'],
    [
      'to a server that does not admit it',
      around({
        context: {
          ...context,
          keyServer: {
            name: 'default',
            spec: { ...server().spec, namespaces: { selector: { matchLabels: { a: 'b' } } } },
          },
        },
      }),
      'does not admit',
    ],
    ['without an identity', around({ identity: { is: 'missing' } }), '"importSecretRef":{"name":"kes-minio"}'],
    [
      'with an identity that is not Ready',
      around({ identity: found({ ...identity, status: { ...identity.status, conditions: notReady } }) }),
      'is not Ready',
    ],
    [
      'with another identity',
      { ...settled, certificate: { secret: 'kes-minio', identity: found('cd'.repeat(32)) } },
      'Delete that KesIdentity',
    ],
    ['before its Secret is there', around({ secret: { is: 'missing' } }), 'Secret kes-client is not in team-a yet'],
    [
      'while its configuration says another KES',
      {
        ...settled,
        tenant: observedTenant(handMadeTenant(), [hiddenFile('export MINIO_KMS_KES_ENDPOINT=https://x:7373\n')]),
      },
      'wins over the connection',
    ],
    [
      'while its configuration names files that go',
      {
        ...settled,
        tenant: observedTenant(handMadeTenant(), [hiddenFile('export A=/tmp/certs/client-1/client.crt\n')]),
      },
      'store-configuration, config.env: names files',
    ],
    [
      'with spec.kes',
      { ...settled, tenant: observedTenant(handMadeTenant({ kes: { kesSecret: { name: 'x' } } })) },
      'spec.kes',
    ],
    [
      'that nothing connected',
      { ...settled, tenant: observedTenant(handMadeTenant({ env: root })) },
      'kubectl kes inject',
    ],
    [
      'with a MinIO that would make the key anew',
      {
        ...around({
          context: {
            ...context,
            keyServer: { name: 'default', spec: KeyServerSpec.parse({ stateful: { allowKeyCreation: true }, grants }) },
          },
        }),
        tenant: observedTenant(handMadeTenant({ image: 'minio/minio:RELEASE.2023-01-01T00-00-00Z' })),
      },
      'the webhook would not take',
    ],
  ])('%s', (_what, observed, says) => {
    const plan = planConvert(observed)
    expect(plan.action).toBeUndefined()
    expect(
      plan.findings
        .filter(({ level }) => level === 'problem')
        .map(({ text }) => text)
        .join('\n'),
    ).toContain(says)
  })
})

describe('what cannot be known is said', () => {
  it('keys on the server that nobody may use: buckets may be encrypted with them', () => {
    const keyServer = found(
      server(
        { grants: [{ namespace: 'team-a', keys: ['minio-default-key'] }] },
        {
          keys: ['kes-injector-check', 'minio-default-key', 'minio-my-bucket', 'team-b_minio'],
        },
      ),
    )
    expect(texts({ ...settled, keyServer })).toEqual([
      expect.stringContaining('warning: keys that no namespace may use: minio-my-bucket.') as string,
    ])
  })

  it('whether the identity stays, where the Secret may not be read and no import says it', () => {
    const certificate = { secret: 'kes-minio', identity: { is: 'hidden' } as const }
    expect(texts({ ...settled, certificate })).toEqual([])
    const identityOfOurs = around({ identity: found(identity) })
    expect(texts({ ...identityOfOurs, certificate })).toEqual([
      expect.stringContaining('warning: Secret kes-minio: you may not read it') as string,
    ])
  })

  it('never a value of a variable that is not ours, not even where its path follows', () => {
    const dsn = literal('MINIO_NOTIFY_POSTGRES', 'password=of-the-user sslcert=/tmp/certs/client-2/client.crt')
    const tenant = handMadeTenant({
      env: [...root, ...handMadeEnv(), dsn],
      externalClientCertSecrets: [oldClient, oldServer, users],
    })
    const { lines, findings, change, action } = planConvert({ ...settled, tenant: observedTenant(tenant) })
    expect(JSON.stringify([lines, findings, change])).not.toContain('of-the-user')
    expect(JSON.stringify(action)).toContain('password=of-the-user sslcert=/tmp/certs/client-1/client.crt')
  })
})
