import { describe, expect, it } from 'vitest'
import { keyNameOf } from '../../../../src/controller/kesIdentity/keyNameOf.ts'
import { policyFor } from '../../../../src/controller/kesIdentity/policyFor.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'

describe('the default key of an identity', () => {
  it('is named after its namespace', () => {
    expect(keyNameOf(kesIdentity(), keyServer())).toEqual({ keyName: 'team-a_minio', problem: undefined })
    expect(keyNameOf(kesIdentity(), keyServer({ keyPrefix: 'eu-{namespace}_' })).keyName).toBe('eu-team-a_minio')
  })

  it('is its own choice where that lies inside the prefix', () => {
    expect(keyNameOf(kesIdentity({ keyName: 'team-a_gold' }), keyServer()).problem).toBeUndefined()
    expect(keyNameOf(kesIdentity({ keyName: 'team-b_gold' }), keyServer()).problem).toContain('"team-a_"')
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

  it('makes keys where the KeyServer says so', () => {
    const { allow } = policyFor(kesIdentity(), keyServer({ stateful: { allowKeyCreation: true } }))
    expect(allow).toContain('/v1/key/create/team-a_*')
  })
})
