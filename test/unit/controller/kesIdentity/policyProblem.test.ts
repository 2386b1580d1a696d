import { describe, expect, it } from 'vitest'
import { policyFor } from '../../../../src/controller/kesIdentity/policyFor.ts'
import { policyProblem } from '../../../../src/controller/kesIdentity/policyProblem.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'

const stateful = keyServer()
const current = keyServer({ stateful: undefined, server: { keystoreSecretRef: { name: 'keystore' } } })
const external = keyServer({
  stateful: undefined,
  external: { endpoints: ['https://kes.example.net:7373'], caSecretRef: { name: 'ca' } },
})
const asking = (...allow: readonly string[]) => kesIdentity({ policy: { allow, deny: [] } })

describe('what an identity may be allowed besides', () => {
  it.each([
    '/v1/key/encrypt/team-a_*',
    '/v1/key/hmac/team-a_minio',
    '/v1/key/bulk/decrypt/team-a_backup*',
    '/v1/key/generate/team-a_minio',
    '/v1/ready',
  ])('%s', (path) => {
    expect(policyProblem(asking(path), stateful)).toBeUndefined()
    expect(policyFor(asking(path), stateful).allow).toContain(path)
  })

  it.each([
    ['/v1/key/generate/team-b_*', 'lies outside the keys of this namespace'],
    ['/v1/key/generate/team-a*', 'lies outside'],
    ['/v1/key/generate/team-a', 'lies outside'],
    ['/v1/key/generate/team-a_', 'lies outside'],
    ['/v1/key/generate/team-*', 'lies outside'],
    ['/v1/key/list/t*', 'lies outside'],
    ['/v1/key/generate/*', 'is neither'],
    ['/v1/key/generate*', 'is neither'],
    ['/v1/key/*', 'is neither'],
    ['/v1/*', 'is neither'],
    ['/v1/key/bulk/*', 'is neither'],
    ['/v1/key/unknown/team-a_*', 'is neither'],
    ['/v1/key/generate//team-a_*', 'is neither'],
    ['/v1/key/generate/x/team-a_*', 'is neither'],
    ['/v1/policy/*', 'is neither'],
    ['/v1/policy/write/team-a_kes-client', 'is neither'],
    ['/v1/identity/*', 'is neither'],
    ['/v1/enclave/create/x', 'is neither'],
    ['/v1/sys/seal', 'is neither'],
    ['/v1/log/audit', 'is neither'],
    ['/v1/secret/read/team-a_x', 'is neither'],
    ['/v1/key/delete/team-a_*', 'could replace or destroy keys'],
    ['/v1/key/import/team-a_*', 'could replace or destroy keys'],
    ['/v1/key/create/team-a_*', 'could replace or destroy keys'],
  ])('is never %s on a stateful KES, and whoever makes the policy leaves it out', (path, says) => {
    for (const server of [stateful, external]) {
      const identity = asking('/v1/key/encrypt/team-a_*', path)
      expect(policyProblem(identity, server)).toContain(says)
      expect(policyFor(identity, server).allow).not.toContain(path)
    }
  })

  it('is the use of keys that were granted, and nothing that makes or destroys them', () => {
    const grants = [{ namespace: 'team-a', keys: ['minio-default-key', 'old-*'] }]
    for (const server of [keyServer({ grants }), keyServer({ ...current.spec, grants })]) {
      for (const path of ['/v1/key/encrypt/minio-default-key', '/v1/key/hmac/old-*', '/v1/key/encrypt/old-1'])
        expect(policyProblem(asking(path), server)).toBeUndefined()
      for (const path of ['/v1/key/encrypt/minio-default-key*', '/v1/key/encrypt/old*', '/v1/key/encrypt/older'])
        expect(policyProblem(asking(path), server)).toContain('lies outside')
      for (const operation of ['create', 'import', 'delete']) {
        const path = `/v1/key/${operation}/minio-default-key`
        expect(policyProblem(asking(path), server)).toContain('for use only')
        expect(policyFor(asking(path), server).allow).not.toContain(path)
      }
    }
  })

  it('is the creation of keys where the key server allows it, or cannot replace one', () => {
    const allowing = keyServer({ stateful: { allowKeyCreation: true } })
    for (const server of [allowing, current])
      expect(policyProblem(asking('/v1/key/create/team-a_*'), server)).toBeUndefined()
  })

  it('can be denied freely, and what is denied stands in the policy', () => {
    const identity = kesIdentity({ policy: { allow: [], deny: ['/v1/key/list/*', '/v1/*'] } })
    expect(policyProblem(identity, stateful)).toBeUndefined()
    expect(policyFor(identity, stateful).deny).toEqual(['/v1/key/list/*', '/v1/*'])
  })
})
