import { describe, expect, it } from 'vitest'
import { keyNameOf } from '../../../../src/controller/kesIdentity/keyNameOf.ts'
import { policyFor } from '../../../../src/controller/kesIdentity/policyFor.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'

describe('the default key of an identity', () => {
  it('is named after its namespace', () => {
    expect(keyNameOf(kesIdentity(), keyServer())).toEqual({
      keyName: 'team-a_minio',
      problem: undefined,
      ours: true,
    })
    expect(keyNameOf(kesIdentity(), keyServer({ keyPrefix: 'eu-{namespace}_' })).keyName).toBe('eu-team-a_minio')
  })

  it('is its own choice where that lies inside the prefix', () => {
    expect(keyNameOf(kesIdentity({ keyName: 'team-a_gold' }), keyServer()).problem).toBeUndefined()
    expect(keyNameOf(kesIdentity({ keyName: 'team-b_gold' }), keyServer()).problem).toContain('"team-a_"')
  })

  it('is one that its namespace was granted, which it does not make', () => {
    const grants = [{ namespace: 'team-a', keys: ['minio-default-key'] }]
    expect(keyNameOf(kesIdentity({ keyName: 'minio-default-key' }), keyServer({ grants }))).toEqual({
      keyName: 'minio-default-key',
      problem: undefined,
      ours: false,
    })
    const others = [{ namespace: 'team-b', keys: ['minio-default-key'] }]
    expect(keyNameOf(kesIdentity({ keyName: 'minio-default-key' }), keyServer({ grants: others })).problem).toContain(
      'spec.grants',
    )
  })
})

describe('what an identity may do', () => {
  it('reaches its own keys only, and makes none', () => {
    const { allow } = policyFor(kesIdentity(), keyServer())
    expect(allow).toContain('/v1/key/generate/team-a_*')
    const ofKeys = allow.filter((path) => path.startsWith('/v1/key/'))
    for (const path of ofKeys) expect(path).toMatch(/\/team-a_\*$/)
    expect(ofKeys.join()).not.toMatch(/create|delete|import/)
  })

  it('reaches granted keys, and makes none of them even where it makes its own', () => {
    const grants = [
      { namespace: 'team-a', keys: ['minio-default-key', 'minio-my-*'] },
      { namespace: 'team-b', keys: ['of-b'] },
    ]
    const { allow } = policyFor(kesIdentity(), keyServer({ grants, stateful: { allowKeyCreation: true } }))
    expect(allow).toContain('/v1/key/decrypt/minio-default-key')
    expect(allow).toContain('/v1/key/generate/minio-my-*')
    expect(allow.filter((path) => path.includes('/create/'))).toEqual(['/v1/key/create/team-a_*'])
    expect(allow.join()).not.toContain('of-b')
  })

  it('makes keys where the KeyServer says so', () => {
    const { allow } = policyFor(kesIdentity(), keyServer({ stateful: { allowKeyCreation: true } }))
    expect(allow).toContain('/v1/key/create/team-a_*')
  })
})
