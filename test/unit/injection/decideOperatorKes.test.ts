import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/injection/decide.ts'
import type { AdmissionRequest } from '../../../src/injection/context.ts'
import { apply } from '../../../src/injection/patch.ts'
import { crashesOperator } from '../../../src/minio/operatorCrash.ts'
import { connectedTenant, literal, operatorKesTenant, ourAuthority, tenant, tenantEnv } from '../../fixtures/objects.ts'
import { context, tenantRequest, tenantUpdate } from '../../fixtures/requests.ts'

const disabled = { 'kes-injector.io/inject': 'disabled' }
const enabled = { 'kes-injector.io/inject': 'enabled' }
const kesSecret = { name: 'kes-configuration' }
const plain = (spec: object = {}, annotations = {}) => tenant({ kes: { kesSecret }, ...spec }, annotations)
const capath = (index: number) => literal('MINIO_KMS_KES_CAPATH', `/tmp/certs/CAs/ca-${index}.crt`)
const users = { name: 'company-ca', type: 'Opaque' }

const decided = (request: AdmissionRequest) => {
  const decision = decide(request, context)
  const after = decision.outcome === 'inject' ? apply(request.object, decision.operations) : request.object
  return { decision, after, reason: decision.reason }
}
const reason = (request: AdmissionRequest): string => decide(request, context).reason

describe('creating a Tenant whose KES the operator runs', () => {
  it('points KES and MinIO at our pairs, and MinIO at the authority in place of the leaf', () => {
    const { reason, after } = decided(tenantRequest(plain()))
    expect(reason).toBe('OperatorKesConnected')
    expect(after).toEqual(
      tenant({
        kes: { kesSecret, externalCertSecret: { name: 'kes-tenant-server', type: 'kubernetes.io/tls' } },
        externalClientCertSecret: { name: 'kes-tenant-client', type: 'kubernetes.io/tls' },
        externalCaCertSecret: [{ name: 'kes-tenant-client', type: 'cert-manager.io/v1' }],
        env: [literal('MINIO_KMS_KES_CAPATH', '/tmp/certs/CAs/ca-0.crt')],
      }),
    )
  })

  it('tells whose KES it is and which key it uses', () => {
    expect(decide(tenantRequest(plain()), context)).toMatchObject({
      summary: { keyServer: 'store-kes', keyName: 'my-minio-key' },
    })
    expect(decide(tenantRequest(plain({ kes: { kesSecret, keyName: 'photos' } })), context)).toMatchObject({
      summary: { keyName: 'photos' },
    })
  })

  it('appends behind the user’s authorities and variables', () => {
    const region = literal('MINIO_REGION', 'here')
    const { after } = decided(tenantRequest(plain({ externalCaCertSecret: [users, users], env: [region] })))
    expect(after).toMatchObject({
      spec: { externalCaCertSecret: [users, users, ourAuthority], env: [region, capath(2)] },
    })
  })

  it('needs no KeyServer of ours', () => {
    expect(decide(tenantRequest(plain()), { ...context, keyServer: 'unknown' }).reason).toBe('OperatorKesConnected')
  })

  it('never makes a Tenant that crashes the operator', () => {
    expect(crashesOperator(decided(tenantRequest(plain())).after)).toBe(false)
  })

  it('leaves one alone that has it all', () => {
    expect(reason(tenantRequest(operatorKesTenant()))).toBe('AlreadyInjected')
  })

  it('honours opting out', () => {
    expect(reason(tenantRequest(plain({}, disabled)))).toBe('OptedOut')
  })
})

describe('what a user chose for such a Tenant', () => {
  const own = { name: 'own', type: 'kubernetes.io/tls' }
  it.each<[string, string, object]>([
    ['OperatorRunsKes', 'a certificate for KES', { kes: { kesSecret, externalCertSecret: own } }],
    ['OperatorRunsKes', 'a client certificate', { externalClientCertSecret: own }],
    ['OperatorRunsKes', 'an authority of its own', { env: [literal('MINIO_KMS_KES_CAPATH', '/tmp/certs/CAs/x.crt')] }],
    ['OperatorRunsKes', 'an authority in its own list', { externalCaCertSecret: [users], env: [capath(0)] }],
    ['OperatorRunsKes', 'an identity for MinIO', { env: [literal('MINIO_KES_IDENTITY', 'abc')] }],
    ['OperatorRunsKes', 'an identity in KES', { kes: { kesSecret, env: [literal('MINIO_KES_IDENTITY', 'abc')] } }],
    ['UserManagedKms', 'another KES', { env: [literal('MINIO_KMS_KES_ENDPOINT', 'https://kes.example.net:7373')] }],
    ['UserManagedKms', 'another pair', { env: [literal('MINIO_KMS_KES_CERT_FILE', '/x.crt')] }],
    ['UserManagedKms', 'an API key', { env: [literal('MINIO_KMS_KES_API_KEY', 'kes:v1:x')] }],
    ['UserManagedKms', 'a static key', { env: [literal('MINIO_KMS_SECRET_KEY', 'k:x')] }],
  ])('stays as it is (%s): %s', (expected, _what, spec) => {
    expect(reason(tenantRequest(plain(spec)))).toBe(expected)
  })

  it('may be the name of the key', () => {
    expect(reason(tenantRequest(plain({ env: [literal('MINIO_KMS_KES_KEY_NAME', 'x')] })))).toBe('OperatorKesConnected')
  })

  it.each([
    ['spec.kes', { kes: 'x' }],
    ['its env', { kes: { env: 'x' } }],
    ['the authorities', { externalCaCertSecret: {} }],
  ])('is left to the API server where it has no shape: %s', (_what, spec) => {
    expect(reason(tenantRequest(plain(spec)))).toBe('Malformed')
  })
})

describe('updating such a Tenant', () => {
  it('leaves one alone that ran before, and adopts it when it asks', () => {
    expect(reason(tenantUpdate(plain(), plain()))).toBe('RunningTenant')
    const decision = decide(tenantUpdate(plain(), plain({}, enabled)), context)
    expect(decision).toMatchObject({ reason: 'OperatorKesConnected', notes: [expect.stringContaining('restart')] })
  })

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['everything', {}],
    ['the certificate of KES', { kes: { kesSecret } }],
    ['the client certificate', { externalClientCertSecret: null }],
    ['the authority', { externalCaCertSecret: [] }],
    ['the variable', { env: [] }],
  ])('puts back what a re-apply dropped: %s', (what, dropped) => {
    const written = what === 'everything' ? plain() : operatorKesTenant(dropped)
    const { reason, after } = decided(tenantUpdate(operatorKesTenant(), written))
    expect(reason).toBe('Repaired')
    expect(after).toEqual(operatorKesTenant())
  })

  it.each<[string, readonly object[], number]>([
    ['inserts an authority before ours', [users, ourAuthority], 1],
    ['replaces the list', [users, users], 2],
  ])('follows the index when the user %s', (_what, authorities, index) => {
    const written = operatorKesTenant({ externalCaCertSecret: authorities })
    const { reason, after } = decided(tenantUpdate(operatorKesTenant(), written))
    expect(reason).toBe('Repaired')
    expect(after).toMatchObject({ spec: { env: [capath(index)] } })
    expect(decide(tenantUpdate(after, after), context).reason).toBe('AlreadyInjected')
  })

  it('does not let opting out take the certificates away, unless under its own name', () => {
    expect(reason(tenantUpdate(operatorKesTenant(), plain({}, disabled)))).toBe('Repaired')
    const sure = { ...disabled, 'kes-injector.io/confirm-delete': 'store' }
    expect(reason(tenantUpdate(operatorKesTenant(), plain({}, sure)))).toBe('OptedOut')
  })
})

describe('a Tenant that changes its KMS', () => {
  it('is not connected to a KeyServer when spec.kes is taken away: only that KES opens its data', () => {
    expect(reason(tenantUpdate(operatorKesTenant(), tenant({}, enabled)))).toBe('OperatorRunsKes')
    expect(reason(tenantUpdate(plain(), tenant({}, enabled)))).toBe('OperatorRunsKes')
  })

  it('keeps the KeyServer that it is connected to when it gets spec.kes besides', () => {
    const { reason, after } = decided(tenantUpdate(connectedTenant(), plain()))
    expect(reason).toBe('Repaired')
    expect(after).toMatchObject({ spec: { env: tenantEnv(0) } })
    expect(after).not.toHaveProperty('spec.externalClientCertSecret')
  })
})
