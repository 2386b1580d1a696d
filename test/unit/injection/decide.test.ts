import { describe, expect, it } from 'vitest'
import type { AdmissionRequest } from '../../../src/injection/context.ts'
import { decide, decideAlone } from '../../../src/injection/decide.ts'
import { pod, tenant } from '../../fixtures/objects.ts'
import { context, podRequest, tenantRequest } from '../../fixtures/requests.ts'

describe('a request that is not ours', () => {
  it.each<[string, AdmissionRequest]>([
    ['Subresource', tenantRequest(tenant(), { operation: 'UPDATE', subResource: 'status' })],
    ['Subresource', podRequest(pod(), { subResource: 'ephemeralcontainers' })],
    ['NotForUs', podRequest(pod(), { operation: 'UPDATE' })],
    ['NotForUs', tenantRequest(null, { operation: 'DELETE', oldObject: tenant() })],
    ['NotForUs', podRequest(null, { operation: 'CONNECT' })],
    ['NotForUs', tenantRequest(tenant(), { operation: 'FROBNICATE' })],
    ['NotForUs', podRequest(pod(), { group: 'apps', resource: 'statefulsets', kind: 'StatefulSet' })],
    ['NotForUs', podRequest(pod(), { group: 'other.io' })],
    ['Malformed', podRequest(null)],
    ['Malformed', tenantRequest('text')],
    ['Malformed', podRequest(pod(), { kind: 'Tenant' })],
    ['Malformed', tenantRequest(pod())],
    ['Malformed', podRequest(pod(), { namespace: '' })],
  ])('is allowed unchanged without knowing the cluster: %s', (reason, request) => {
    expect(decideAlone(request)).toMatchObject({ outcome: 'skip', reason })
    expect(decide(request, context)).toMatchObject({ outcome: 'skip', reason })
  })

  it('is decided about with the namespace of the request, not of the object', () => {
    const elsewhere = pod({}, {}, {}, { namespace: 'team-b' })
    expect(decide(podRequest(elsewhere), context)).toMatchObject({ summary: { keyName: 'team-a_minio' } })
  })
})
