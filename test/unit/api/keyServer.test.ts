import { describe, expect, it } from 'vitest'
import { durationMs } from '../../../src/api/duration.ts'
import { KeyServerSpec } from '../../../src/api/keyServer.ts'
import { violation } from '../../../src/pki/renewal.ts'
import { newAuthority, now, storedLeaf } from '../controller/pairs.ts'

const accepts = (spec: object) => KeyServerSpec.safeParse({ stateful: {}, ...spec }).success

describe('the spec of a KeyServer', () => {
  it.each<[string, object]>([
    ['renewAt', { certificates: { renewAt: 0.19 } }],
    ['renewAt', { certificates: { renewAt: 0.91 } }],
    ['size', { stateful: { storage: { size: '1G' } } }],
    ['keys', { keys: ['a b'] }],
    ['operator', { namespaces: { selector: { matchExpressions: [{ key: 'a', operator: 'Gt' }] } } }],
  ])('refuses a %s that makes no sense: %o', (_what, spec) => {
    expect(accepts(spec)).toBe(false)
  })

  it.each([0.2, 0.667, 0.9])(
    'admits no part of a lifetime (%d) after which the shortest certificate would be due as soon as it is issued',
    (renewAt) => {
      expect(accepts({ certificates: { renewAt } })).toBe(true)
      const authority = newAuthority()
      const lifetimeMs = durationMs('1h')
      const { pem } = storedLeaf(authority, { lifetimeMs })
      // The jitter comes from the seed: some of fifty lie near either end.
      for (let seed = 0; seed < 50; seed++) {
        const wanted = {
          usages: ['client'] as const,
          dnsNames: [],
          ipAddresses: [],
          authorityPem: authority.certificatePem,
          lifetimeMs,
          renewAt,
          jitterSeed: `team-${seed}/kes-client`,
        }
        expect(violation(pem, wanted, now)).toBeUndefined()
      }
    },
  )
})
