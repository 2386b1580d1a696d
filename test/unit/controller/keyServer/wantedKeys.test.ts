import { describe, expect, it } from 'vitest'
import { refusedKeys, wantedKeys } from '../../../../src/controller/keyServer/wantedKeys.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'

const issued = (spec: object) => ({ ...kesIdentity(spec), status: { identity: 'f'.repeat(64) } })

describe('the keys of a server', () => {
  it('are those it declares, and of each issued identity the default one and its further ones, each once', () => {
    const server = keyServer({ keys: ['shared', 'team-a_gold'] })
    expect(wantedKeys(server, [issued({ keys: ['gold', 'silver'] })])).toEqual([
      'shared',
      'team-a_gold',
      'team-a_minio',
      'team-a_silver',
    ])
  })

  it('are none of an identity that was not issued', () => {
    expect(wantedKeys(keyServer(), [kesIdentity({ keys: ['gold'] })])).toEqual([])
  })

  it('are never granted ones: whoever uses them did not make them', () => {
    const grants = [{ namespace: 'team-a', keys: ['minio-default-key'] }]
    const using = [issued({ keyName: 'minio-default-key' })]
    expect(wantedKeys(keyServer({ grants }), using)).toEqual([])
    expect(wantedKeys(keyServer({ grants, keys: ['minio-default-key'] }), using)).toEqual(['minio-default-key'])
  })

  it('never lie outside the prefix of the namespace, whatever an identity lists', () => {
    const odd = issued({})
    odd.spec.keys = ['team-b_minio', '../team-b_minio', 'x'.repeat(80), '']
    expect(wantedKeys(keyServer(), [odd])).toEqual(['team-a_minio', 'team-a_team-b_minio'])
    expect(refusedKeys(keyServer(), [odd]).map(([, note]) => note)).toHaveLength(3)
  })
})
