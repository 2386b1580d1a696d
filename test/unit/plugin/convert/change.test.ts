import { describe, expect, it } from 'vitest'
import { apply } from '../../../../src/injection/patch.ts'
import { planChange } from '../../../../src/plugin/convert/change.ts'
import { readHandMade } from '../../../../src/plugin/convert/handMade.ts'
import { literal } from '../../../fixtures/objects.ts'
import { convertedEnv, handMadeEnv, handMadeTenant, oldClient, oldServer, ours, root, users } from './handMadeTenant.ts'

const endpoint = 'https://kes-default.kes-system.svc:7373'

/** The `spec` afterwards, or why there is none. */
function converted(tenant: unknown): unknown {
  const handMade = readHandMade(tenant)
  if ('why' in handMade) return handMade.why
  const change = planChange(tenant, handMade, endpoint)
  return 'why' in change ? change.why : (apply(tenant, change.operations) as { spec: unknown }).spec
}

const ldap = (index: number) => literal('MINIO_IDENTITY_LDAP_CERT', `/tmp/certs/client-${index}/client.crt`)
const mountAt = (mountPath: string) => ({ name: 'extra', mountPath })

describe('a Tenant that was connected by hand', () => {
  it('keeps everything but its two entries and the values of the five', () => {
    const before = handMadeTenant()
    expect(converted(before)).toEqual({
      ...(before['spec'] as object),
      env: [...root, ...convertedEnv()],
      externalClientCertSecrets: [ours],
    })
  })

  it.each([
    {
      what: 'an entry of the user’s first',
      references: [users, oldClient, oldServer],
      env: [...handMadeEnv(1, 2), ldap(0)],
      after: [users, ours],
      afterEnv: [...convertedEnv(1), ldap(0)],
    },
    {
      what: 'one last, which moves, and its path with it',
      references: [oldClient, oldServer, users],
      env: [ldap(2), ...handMadeEnv(0, 1)],
      after: [ours, users],
      afterEnv: [ldap(1), ...convertedEnv(0)],
    },
    {
      what: 'one between the two, which stays where it is',
      references: [oldClient, users, oldServer],
      env: [...handMadeEnv(0, 2), ldap(1)],
      after: [ours, users],
      afterEnv: [...convertedEnv(0), ldap(1)],
    },
    {
      what: 'the server’s certificate before the client’s',
      references: [oldServer, oldClient, users],
      env: [...handMadeEnv(1, 0), ldap(2)],
      after: [ours, users],
      afterEnv: [...convertedEnv(0), ldap(1)],
    },
    {
      what: 'one entry for both',
      references: [oldClient, users],
      env: [...handMadeEnv(0, 0), ldap(1)],
      after: [ours, users],
      afterEnv: [...convertedEnv(0), ldap(1)],
    },
    {
      what: 'the trusted certificate elsewhere',
      references: [oldClient, users],
      env: [...handMadeEnv().slice(0, 4), literal('MINIO_KMS_KES_CAPATH', '/tmp/certs/CAs/ca-0.crt'), ldap(1)],
      after: [ours, users],
      afterEnv: [...convertedEnv(0), ldap(1)],
    },
    {
      what: 'an entry that something else uses as well',
      references: [oldClient, oldServer],
      env: [...handMadeEnv(), ldap(0)],
      after: [oldClient, ours],
      afterEnv: [...convertedEnv(1), ldap(0)],
    },
    {
      what: 'our entry there already',
      references: [oldClient, oldServer, ours],
      env: handMadeEnv(),
      after: [ours],
      afterEnv: convertedEnv(0),
    },
    {
      what: 'a second entry for the same Secret, which is the user’s',
      references: [oldClient, oldServer, oldClient],
      env: [...handMadeEnv(), ldap(2)],
      after: [ours, oldClient],
      afterEnv: [...convertedEnv(0), ldap(1)],
    },
  ])('has $what', ({ references, env, after, afterEnv }) => {
    const tenant = handMadeTenant({ env: [...root, ...env], externalClientCertSecrets: references })
    expect(converted(tenant)).toMatchObject({ env: [...root, ...afterEnv], externalClientCertSecrets: after })
  })

  it('has several paths in one value and in mounts: those of entries that move follow, the others do not', () => {
    const tenant = handMadeTenant({
      externalClientCertSecrets: [users, oldClient, oldServer, users, users],
      env: [
        ...handMadeEnv(1, 2),
        literal('A', '/tmp/certs/client-3/client.crt,/tmp/certs/client-0/client.crt,/tmp/certs/CAs/client-ca-4.crt'),
        literal('B', '/tmp/certs/client-30/client.crt /other/client-3/x'),
      ],
      additionalVolumes: [{ name: 'extra' }],
      additionalVolumeMounts: [mountAt('/tmp/certs/client-4/more')],
    })
    expect(converted(tenant)).toMatchObject({
      env: [
        ...convertedEnv(1),
        literal('A', '/tmp/certs/client-2/client.crt,/tmp/certs/client-0/client.crt,/tmp/certs/CAs/client-ca-3.crt'),
        literal('B', '/tmp/certs/client-30/client.crt /other/client-3/x'),
      ],
      additionalVolumeMounts: [mountAt('/tmp/certs/client-3/more')],
    })
  })
})

describe('what is not understood is not touched', () => {
  const without = (name: string) => handMadeEnv().filter((entry) => entry['name'] !== `MINIO_KMS_KES_${name}`)
  const withValue = (name: string, value: string) => [...without(name), literal(`MINIO_KMS_KES_${name}`, value)]
  const fromSecret = { name: 'MINIO_KMS_KES_KEY_NAME', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['spec.kes', { kes: { kesSecret: { name: 'x' } } }, 'spec.kes'],
    ['a value from elsewhere', { env: [...without('KEY_NAME'), fromSecret] }, 'valueFrom'],
    ['no KES', { env: root }, 'kubectl kes inject'],
    ['a variable less', { env: without('CAPATH') }, 'MINIO_KMS_KES_CAPATH is missing'],
    ['a variable twice', { env: [...handMadeEnv(), ...handMadeEnv().slice(0, 1)] }, 'twice'],
    ['an empty value', { env: withValue('ENDPOINT', '') }, 'is empty'],
    ['an API key besides', { env: [...handMadeEnv(), literal('MINIO_KMS_KES_API_KEY', 'x')] }, 'MINIO_KMS_KES_API_KEY'],
    ['a static key besides', { env: [...handMadeEnv(), literal('MINIO_KMS_SECRET_KEY', 'x')] }, 'MINIO_KMS_SECRET_KEY'],
    ['a certificate elsewhere', { env: withValue('CERT_FILE', '/certs/client.crt') }, 'CERT_FILE is no file'],
    [
      'the key of another entry',
      { env: withValue('KEY_FILE', '/tmp/certs/client-1/client.key') },
      'not the key beside',
    ],
    ['entries that are not there', { externalClientCertSecrets: [oldClient] }, 'which has 1'],
    ['no entries', { externalClientCertSecrets: undefined }, 'which has 0'],
    ['an odd trusted path', { env: withValue('CAPATH', '/tmp/certs/client-1/../client-1/client.crt') }, 'CAPATH'],
    ['a trusted folder of an entry', { env: withValue('CAPATH', '/tmp/certs/client-1') }, 'CAPATH'],
    ['a relative trusted path', { env: withValue('CAPATH', 'certs/ca.crt') }, 'CAPATH'],
    ['no list', { env: 'x' }, 'shape of the CRD'],
    ['odd paths of its own', { env: [...handMadeEnv(), literal('A', '/tmp/certs/./client-2/x')] }, 'A names a file'],
    [
      'paths in a sidecar',
      { sideCars: { containers: [{ args: ['/tmp/certs/client-1/client.crt'] }] } },
      'spec.sideCars',
    ],
  ])('%s', (_what, spec, why) => {
    expect(converted(handMadeTenant(spec))).toContain(why)
  })

  it.each([[undefined], [null], ['x'], [[]], [{}], [{ spec: null }]])('%j', (tenant) => {
    expect(typeof converted(tenant)).toBe('string')
  })
})
