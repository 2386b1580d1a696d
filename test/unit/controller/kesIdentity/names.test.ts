import { describe, expect, it } from 'vitest'
import { identityLabel, keptSecretName, policyName } from '../../../../src/controller/kesIdentity/names.ts'
import { kesIdentity } from '../identities.ts'

const named = (namespace: string, name = 'kes-client') => kesIdentity({}, { namespace, name })
const long = 'n'.repeat(63)

describe('names that are made from an identity', () => {
  it('are readable', () => {
    expect(keptSecretName(named('team-a'))).toBe('identity.team-a.kes-client')
    expect(policyName(named('team-a'))).toBe('team-a_kes-client')
    expect(identityLabel(named('team-a'))).toBe('team-a.kes-client')
  })

  it.each([
    ['policy', policyName, /^[A-Za-z0-9_-]{1,80}$/],
    ['label', identityLabel, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,61}[A-Za-z0-9]$/],
    ['Secret', keptSecretName, /^(?=.{1,253}$)[a-z0-9][a-z0-9.-]*[a-z0-9]$/],
  ])('fit as a %s, however long they are', (_what, make, form) => {
    for (const identity of [named('a', 'b'), named('team-a'), named(long, long), named(`${'n'.repeat(45)}-n`, long)])
      expect(make(identity)).toMatch(form)
  })

  it.each([
    ['policy', policyName],
    ['label', identityLabel],
    ['Secret', keptSecretName],
  ])('differ as a %s for any two identities that only look alike', (_what, make) => {
    const alike = [
      named('a', 'b-c'),
      named('a-b', 'c'),
      named('ab', 'c'),
      named('a', 'b'),
      named(long, long),
      named(long, `${'n'.repeat(62)}m`),
      named(`${'n'.repeat(62)}m`, long),
    ]
    expect(new Set(alike.map(make)).size).toBe(alike.length)
  })
})
