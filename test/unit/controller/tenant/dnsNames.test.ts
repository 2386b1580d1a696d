import { describe, expect, it } from 'vitest'
import { dnsNamesOf, isNameable } from '../../../../src/controller/tenant/dnsNames.ts'

const tenant = (replicas?: number, name = 'store') => ({
  metadata: { name, namespace: 'team-a' },
  spec: { kes: replicas === undefined ? {} : { replicas } },
})

describe('the names of a KES that the operator runs', () => {
  it('are its headless Service, in every form, and each pod', () => {
    expect(dnsNamesOf(tenant(1), 'cluster.local')).toEqual([
      'store-kes-hl-svc',
      'store-kes-hl-svc.team-a',
      'store-kes-hl-svc.team-a.svc',
      'store-kes-hl-svc.team-a.svc.cluster.local',
      'store-kes-0.store-kes-hl-svc.team-a.svc.cluster.local',
    ])
  })

  it('are those of two pods where the Tenant says nothing, as the operator makes two', () => {
    expect(dnsNamesOf(tenant(), 'example.net').slice(4)).toEqual([
      'store-kes-0.store-kes-hl-svc.team-a.svc.example.net',
      'store-kes-1.store-kes-hl-svc.team-a.svc.example.net',
    ])
  })

  it.each([-1, 0, 1.5, Number.NaN, 2_000_000_000])('are few for a number of replicas like %d', (replicas) => {
    expect(dnsNamesOf(tenant(replicas), 'cluster.local').length).toBeLessThan(40)
  })

  it('do not exist for a Tenant whose name is too long for a Service', () => {
    expect(isNameable(tenant(1, 'x'.repeat(52)))).toBe(true)
    expect(isNameable(tenant(1, 'x'.repeat(53)))).toBe(false)
  })
})
