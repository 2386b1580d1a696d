import { describe, expect, it } from 'vitest'
import { KeyServerSpec } from '../../../src/api/keyServer.ts'
import type { Context } from '../../../src/injection/context.ts'
import { decide } from '../../../src/injection/decide.ts'
import { apply } from '../../../src/injection/patch.ts'
import { createsKeyAtStart } from '../../../src/minio/release.ts'
import { pod, tenant } from '../../fixtures/objects.ts'
import { context, podRequest, tenantRequest, tenantUpdate } from '../../fixtures/requests.ts'

const old = 'quay.io/minio/minio:RELEASE.2024-05-07T06-41-25Z'
const present = 'quay.io/minio/minio:RELEASE.2024-05-10T01-41-38Z'

const at = (spec: object): Context => ({ ...context, keyServer: { name: 'default', spec: KeyServerSpec.parse(spec) } })
const creating = at({ stateful: { allowKeyCreation: true } })
const reason = (request: Parameters<typeof decide>[0], around: Context = creating) => decide(request, around).reason

describe('a MinIO that creates its key at every start', () => {
  it.each([
    old,
    'minio:RELEASE.2022-01-01T00-00-00Z-cicd',
    `${old}@sha256:00`,
    'r:5000/m/minio:RELEASE.2023-12-31T00-00-00Z.fips',
  ])('is told by %s', (image) => {
    expect(createsKeyAtStart(image)).toBe(true)
  })

  it.each([
    present,
    'minio:latest',
    'minio',
    'minio@sha256:00',
    'minio:RELEASE.2024',
    'RELEASE.2020-01-01T00-00-00Z',
    '',
  ])('is not what %s says', (image) => {
    expect(createsKeyAtStart(image)).toBe(false)
  })
})

describe('such a MinIO at a stateful key server that lets it create keys', () => {
  it('is refused as a pod, with the way out, also where its settings are complete', () => {
    const decision = decide(podRequest(pod({ image: old })), creating)
    expect(decision).toMatchObject({ outcome: 'deny', reason: 'MinioTooOld' })
    expect('sentence' in decision && decision.sentence).toContain('set allowKeyCreation to false')
    const first = decide(podRequest(pod({ image: old })), at({ stateful: {} }))
    if (first.outcome !== 'inject') throw new Error(first.reason)
    expect(reason(podRequest(apply(pod({ image: old }), first.operations)))).toBe('MinioTooOld')
  })

  it.each<[string, Context]>([
    ['that lets nobody create keys: its attempt is refused by KES, and MinIO goes on', at({ stateful: {} })],
    ['that is no stateful one', at({ server: { keystoreSecretRef: { name: 'x' }, allowKeyCreation: true } })],
    ['of which nothing more is known', context],
  ])('is connected at a server %s', (_which, around) => {
    expect(reason(podRequest(pod({ image: old })), around)).toBe('Injected')
    expect(reason(tenantRequest(tenant({ image: old })), around)).toBe('Injected')
  })

  it('is connected where it is a newer one, or none that can be told', () => {
    for (const image of [present, 'minio:latest', undefined]) {
      expect(reason(podRequest(pod({ image })))).toBe('Injected')
      expect(reason(tenantRequest(tenant({ image })))).toBe('Injected')
    }
  })

  it('is refused as a Tenant: when it is created, adopted, or a connected one is given such an image', () => {
    expect(reason(tenantRequest(tenant({ image: old })))).toBe('MinioTooOld')
    expect(
      reason(tenantUpdate(tenant({ image: old }), tenant({ image: old }, { 'kes-injector.io/inject': 'enabled' }))),
    ).toBe('MinioTooOld')
    const first = decide(tenantRequest(tenant({ image: present })), creating)
    if (first.outcome !== 'inject') throw new Error(first.reason)
    const connected = apply(tenant({ image: present }), first.operations) as { readonly spec: object }
    const downgraded = { ...connected, spec: { ...connected.spec, image: old } }
    expect(reason(tenantUpdate(connected, downgraded))).toBe('MinioTooOld')
    expect(reason(tenantUpdate(downgraded, downgraded)), 'a stored one must be able to be mended').toBe(
      'AlreadyInjected',
    )
  })

  it('is nobody’s business where it is not connected', () => {
    expect(reason(tenantUpdate(tenant({ image: old }), tenant({ image: old, pools: [] })))).toBe('RunningTenant')
    expect(reason(podRequest(pod({ image: old, env: [{ name: 'MINIO_KMS_SECRET_KEY', value: 'x' }] })))).toBe(
      'UserManagedKms',
    )
  })
})
