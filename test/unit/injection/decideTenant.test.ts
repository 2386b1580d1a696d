import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/injection/decide.ts'
import type { AdmissionRequest, Context } from '../../../src/injection/context.ts'
import { apply } from '../../../src/injection/patch.ts'
import { connectedTenant, literal, ourEntry, tenant, tenantEnv, usersEntry } from '../../fixtures/objects.ts'
import { context, granting, inNamespace, tenantRequest, tenantUpdate } from '../../fixtures/requests.ts'

const disabled = { 'kes-injector.io/inject': 'disabled' }
const enabled = { 'kes-injector.io/inject': 'enabled' }

/** The stored object, and why. */
function outcome(request: AdmissionRequest, around: Context = context): { reason: string; spec: unknown } {
  const decision = decide(request, around)
  const after = decision.outcome === 'inject' ? apply(request.object, decision.operations) : request.object
  return { reason: decision.reason, spec: (after as { spec: unknown }).spec }
}
const reason = (request: AdmissionRequest, around: Context = context): string => decide(request, around).reason

describe('creating a Tenant', () => {
  it('adds one certificate entry and five variables that name its files', () => {
    const { reason, spec } = outcome(tenantRequest(tenant()))
    expect(reason).toBe('Injected')
    expect(spec).toMatchObject({ externalClientCertSecrets: [ourEntry], env: tenantEnv(0) })
  })

  it.each([
    ['missing', {}],
    ['null', { env: null, externalClientCertSecrets: null }],
    ['empty', { env: [], externalClientCertSecrets: [] }],
  ])('makes the lists where they are %s', (_how, lists) => {
    expect(outcome(tenantRequest(tenant(lists))).spec).toMatchObject({
      externalClientCertSecrets: [ourEntry],
      env: tenantEnv(0),
    })
  })

  it('appends behind what the user has, so that no index of the user moves', () => {
    const region = literal('MINIO_REGION', 'eu-central-1')
    const { spec } = outcome(
      tenantRequest(tenant({ env: [region], externalClientCertSecrets: [usersEntry, usersEntry] })),
    )
    expect(spec).toMatchObject({
      externalClientCertSecrets: [usersEntry, usersEntry, ourEntry],
      env: [region, ...tenantEnv(2)],
    })
  })

  it('does not take an entry of the user with our name and another type for ours', () => {
    const theirs = { name: 'kes-client', type: 'kubernetes.io/tls' }
    const { spec } = outcome(tenantRequest(tenant({ externalClientCertSecrets: [theirs] })))
    expect(spec).toMatchObject({ externalClientCertSecrets: [theirs, ourEntry], env: tenantEnv(1) })
  })

  it('leaves a Tenant that carries exactly our settings as it is', () => {
    expect(reason(tenantRequest(connectedTenant()))).toBe('AlreadyInjected')
  })

  it('completes a half that was copied from another Tenant', () => {
    const half = tenant({ env: tenantEnv(3).slice(0, 3), externalClientCertSecrets: [usersEntry] })
    const { reason, spec } = outcome(tenantRequest(half))
    expect(reason).toBe('Injected')
    expect(spec).toMatchObject({ externalClientCertSecrets: [usersEntry, ourEntry], env: tenantEnv(1) })
  })

  it('lets the last of two variables of one name count, as the operator does', () => {
    const doubled = [...tenantEnv(7), ...tenantEnv(0)]
    expect(reason(tenantRequest(tenant({ env: doubled, externalClientCertSecrets: [ourEntry] })))).toBe(
      'AlreadyInjected',
    )
  })

  it('honours opting out', () => {
    expect(reason(tenantRequest(tenant({}, disabled)))).toBe('OptedOut')
  })

  it('tells of an annotation value that means nothing, and connects', () => {
    const decision = decide(tenantRequest(tenant({}, { 'kes-injector.io/inject': 'disable' })), context)
    expect(decision).toMatchObject({ reason: 'Injected', notes: [expect.stringContaining('"disable"')] })
  })

  it.each([
    ['spec is missing', { apiVersion: 'minio.min.io/v2', kind: 'Tenant', metadata: {} }],
    ['env is a text', tenant({ env: 'x' })],
    ['the certificate list is an object', tenant({ externalClientCertSecrets: {} })],
  ])('leaves to the API server what it refuses anyway: %s', (_what, object) => {
    expect(reason(tenantRequest(object))).toBe('Malformed')
  })
})

describe('a KMS of the user', () => {
  it.each([
    ['a static key', literal('MINIO_KMS_SECRET_KEY', 'k:x')],
    ['a static key in a file', literal('MINIO_KMS_SECRET_KEY_FILE', 'kms_master_key')],
    ['an empty static key', { name: 'MINIO_KMS_SECRET_KEY' }],
    ['MinKMS', literal('MINIO_KMS_SERVER', 'https://kms')],
    ['an API key', literal('MINIO_KMS_KES_API_KEY', 'kes:v1:x')],
    ['an enclave', literal('MINIO_KMS_KES_ENCLAVE', 'x')],
    ['another endpoint', literal('MINIO_KMS_KES_ENDPOINT', 'https://kes.example.net:7373')],
    [
      'an endpoint that looks like ours in another namespace',
      literal('MINIO_KMS_KES_ENDPOINT', 'https://kes-default.other.svc:7373'),
    ],
    [
      'an endpoint from elsewhere',
      { name: 'MINIO_KMS_KES_ENDPOINT', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
    ],
    [
      'a key name from elsewhere',
      { name: 'MINIO_KMS_KES_KEY_NAME', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } },
    ],
    ['a certificate of its own', literal('MINIO_KMS_KES_CERT_FILE', '/tmp/certs/client-0/client.crt')],
    ['a variable that nobody knows yet', literal('MINIO_KMS_FUTURE', 'x')],
  ])('is never touched: %s', (_what, entry) => {
    expect(reason(tenantRequest(tenant({ env: [entry] })))).toBe('UserManagedKms')
  })

  it('is not meant by variables that only say how MinIO uses the KMS it has', () => {
    const automatic = literal('MINIO_KMS_AUTO_ENCRYPTION', 'on')
    expect(outcome(tenantRequest(tenant({ env: [automatic] })))).toMatchObject({
      reason: 'Injected',
      spec: { env: [automatic, ...tenantEnv(0)] },
    })
  })

  it('stays when it is written over our settings', () => {
    const moved = tenant({
      env: [literal('MINIO_KMS_KES_ENDPOINT', 'https://kes.example.net:7373'), ...tenantEnv(0).slice(1)],
      externalClientCertSecrets: [ourEntry],
    })
    expect(reason(tenantUpdate(connectedTenant(), moved))).toBe('UserManagedKms')
  })
})

describe('the name of the key', () => {
  const named = (keyName: string) => tenant({ env: [literal('MINIO_KMS_KES_KEY_NAME', keyName)] })

  it('may be chosen in env, within the prefix of the namespace', () => {
    const { reason, spec } = outcome(tenantRequest(named('team-a_photos')))
    expect(reason).toBe('Injected')
    const [endpoint, keyName, ...files] = tenantEnv(0, 'team-a_photos')
    expect(spec).toMatchObject({ env: [keyName, endpoint, ...files] })
  })

  it.each(['photos', 'team-b_minio', 'team-a_', 'team-a_with space', ''])(
    'is refused in env outside of it: %j',
    (keyName) => {
      expect(reason(tenantRequest(named(keyName)))).toBe('KeyNameInvalid')
    },
  )

  it('may be one that the namespace was granted, in env and in an annotation', () => {
    const annotated = tenant({}, { 'kes-injector.io/key-name': 'minio-default-key' })
    for (const object of [named('minio-default-key'), annotated]) {
      expect(reason(tenantRequest(object), granting('team-a', 'minio-default-key'))).toBe('Injected')
      expect(reason(tenantRequest(object), granting('team-a', 'minio-default'))).toBe('KeyNameInvalid')
      expect(reason(tenantRequest(object), granting('team-b', 'minio-default-key'))).toBe('KeyNameInvalid')
    }
  })

  it('is taken from the Tenant before the namespace', () => {
    const object = tenant({}, { 'kes-injector.io/key-name': 'team-a_photos' })
    const around = inNamespace({ 'kes-injector.io/key-name': 'team-a_films' })
    expect(outcome(tenantRequest(object), around).spec).toMatchObject({ env: tenantEnv(0, 'team-a_photos') })
    expect(outcome(tenantRequest(tenant()), around).spec).toMatchObject({ env: tenantEnv(0, 'team-a_films') })
  })

  it('is refused in an annotation outside of the prefix, with the prefix in the sentence', () => {
    const decision = decide(tenantRequest(tenant({}, { 'kes-injector.io/key-name': 'team-b_minio' })), context)
    expect(decision).toMatchObject({ reason: 'KeyNameInvalid', sentence: expect.stringContaining('team-a_') as string })
  })

  it('is left alone when it is stored already, whatever it is', () => {
    const strange = tenant({ env: tenantEnv(0, 'of-before'), externalClientCertSecrets: [ourEntry] })
    expect(reason(tenantUpdate(strange, strange))).toBe('AlreadyInjected')
  })
})

describe('the key server', () => {
  it('must exist', () => {
    const decision = decide(tenantRequest(tenant()), {
      ...inNamespace({ 'kes-injector.io/key-server': 'gone' }),
      keyServer: 'unknown',
    })
    expect(decision).toMatchObject({
      reason: 'KeyServerUnknown',
      sentence: expect.stringContaining('"gone"') as string,
    })
  })

  it('must admit the namespace', () => {
    const closed = {
      name: 'default',
      spec: { keyPrefix: '{namespace}_', namespaces: { selector: { matchLabels: { a: 'b' } } } },
    }
    expect(reason(tenantRequest(tenant()), { ...context, keyServer: closed })).toBe('KeyServerNotAllowed')
  })
})

describe('updating a Tenant', () => {
  it('leaves one alone that ran before', () => {
    expect(reason(tenantUpdate(tenant(), tenant()))).toBe('RunningTenant')
  })

  it('adopts one that asks for it, and tells that MinIO restarts', () => {
    const decision = decide(tenantUpdate(tenant(), tenant({}, enabled)), context)
    expect(decision).toMatchObject({ reason: 'Injected', notes: [expect.stringContaining('restarts')] })
  })

  it('puts back everything that a re-apply dropped', () => {
    expect(outcome(tenantUpdate(connectedTenant(), tenant()))).toMatchObject({
      reason: 'Repaired',
      spec: { env: tenantEnv(0), externalClientCertSecrets: [ourEntry] },
    })
  })

  it('puts back the key server and the key that the data is encrypted with, not what the namespace says today', () => {
    const before = tenant({ env: tenantEnv(0, 'team-a_old', 'former'), externalClientCertSecrets: [ourEntry] })
    const around = inNamespace({ 'kes-injector.io/key-name': 'team-a_new' })
    expect(outcome(tenantUpdate(before, tenant()), around).spec).toMatchObject({
      env: tenantEnv(0, 'team-a_old', 'former'),
    })
  })

  it('puts our settings back even while the key server is unknown', () => {
    expect(outcome(tenantUpdate(connectedTenant(), tenant()), { ...context, keyServer: 'unknown' }).reason).toBe(
      'Repaired',
    )
  })

  it.each([
    ['the entry', { env: tenantEnv(0) }, 0],
    ['the variables', { externalClientCertSecrets: [ourEntry] }, 0],
    ['two variables', { env: tenantEnv(0).slice(0, 3), externalClientCertSecrets: [ourEntry] }, 0],
    ['the endpoint and the entry', { env: tenantEnv(0).slice(1) }, 0],
  ])('puts back %s', (_what, spec, index) => {
    const after = outcome(tenantUpdate(connectedTenant(), tenant(spec)))
    expect(after.reason).toBe('Repaired')
    expect((after.spec as { env: unknown[] }).env).toEqual(expect.arrayContaining([...tenantEnv(index)]))
    expect(after.spec).toMatchObject({ externalClientCertSecrets: [ourEntry] })
  })

  it.each([
    ['inserts an entry before ours', [usersEntry, ourEntry], 0, 1],
    ['removes an entry before ours', [ourEntry], 1, 0],
    ['replaces the list', [usersEntry, usersEntry], 0, 2],
  ])('follows the index when the user %s', (_what, references, before, after) => {
    const stored = tenant({ env: tenantEnv(before), externalClientCertSecrets: [ourEntry] })
    const written = tenant({ env: tenantEnv(before), externalClientCertSecrets: references })
    const { reason, spec } = outcome(tenantUpdate(stored, written))
    expect(reason).toBe('Repaired')
    expect(spec).toMatchObject({ env: tenantEnv(after) })
  })

  it('does not let opting out disconnect a Tenant', () => {
    const decision = decide(tenantUpdate(connectedTenant(), tenant({}, disabled)), context)
    expect(decision).toMatchObject({ reason: 'Repaired', notes: [expect.stringContaining('does not disconnect')] })
  })

  it('lets go of a Tenant that opts out under its own name', () => {
    const sure = { ...disabled, 'kes-injector.io/confirm-delete': 'store' }
    expect(reason(tenantUpdate(connectedTenant(), tenant({}, sure)))).toBe('OptedOut')
  })

  it('does not hold up a Tenant that is being deleted', () => {
    const going = tenant({}, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' })
    expect(reason(tenantUpdate(connectedTenant(), going))).toBe('Deleting')
  })
})

describe('a Tenant that crashes the operator', () => {
  const crashing = (type?: string) =>
    tenant({
      kes: { kesSecret: { name: 'x' } },
      externalClientCertSecret: { name: 'c', ...(type === undefined ? {} : { type }) },
    })

  it.each([undefined, '', 'Opaque', 'cert-manager.io/v1', 'kubernetes.io/TLS'])(
    'is refused at its creation: type %j',
    (type) => {
      expect(reason(tenantRequest(crashing(type)))).toBe('OperatorCrash')
    },
  )

  it.each(['kubernetes.io/tls', 'cert-manager.io/v1alpha2'])('is not one of type %s', (type) => {
    expect(reason(tenantRequest(crashing(type)))).toBe('OperatorRunsKes')
  })

  it('is refused when an update makes it one, also where it opted out', () => {
    const optedOut = { ...crashing('Opaque'), metadata: { name: 'store', annotations: disabled } }
    expect(reason(tenantUpdate(tenant(), optedOut))).toBe('OperatorCrash')
  })

  it('can be mended by whoever has one', () => {
    expect(reason(tenantUpdate(crashing('Opaque'), crashing('Opaque')))).toBe('OperatorRunsKes')
  })
})
