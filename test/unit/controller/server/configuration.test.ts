import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { configurationOf, markerOf } from '../../../../src/controller/server/configuration.ts'
import { policiesOf } from '../../../../src/controller/server/policies.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { newAuthority, storedLeaf } from '../pairs.ts'
import { spec } from './settled.ts'

const authority = newAuthority()
const admin = storedLeaf(authority)
const adminHex = identityOf(admin.pem.certificatePem)
const server = keyServer(spec)
const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string]
const member = (namespace: string, hex: string, metadata: object = {}) => ({
  identity: kesIdentity({}, { namespace, ...metadata }),
  hex,
})
const used = { keystore: { vault: { approle: { secret: 'hunter2' } } }, files: { 'ca.crt': 'PEM' } }
const configured = (members: ReturnType<typeof member>[], more: Partial<typeof used> = {}) =>
  configurationOf(server, admin, { ...used, ...more }, policiesOf(members, server, adminHex))

describe('the configuration of a key server', () => {
  it('knows the administrator and everybody, each with a policy of its own, and says its own hash', () => {
    const { hash, entries } = configured([member('team-a', one), member('team-b', two)])
    const { policy, admin: who } = parse(entries['server-config.yaml'] ?? '') as Record<string, Record<string, unknown>>
    expect(who).toEqual({ identity: adminHex })
    expect(Object.keys(policy ?? {}).sort()).toEqual([markerOf(hash), 'team-a_kes-client', 'team-b_kes-client'].sort())
    expect(policy?.['team-a_kes-client']).toMatchObject({ identities: [one] })
    expect(JSON.stringify(policy?.['team-a_kes-client'])).not.toContain('team-b')
    expect(policy?.[markerOf(hash)]).toEqual({ allow: [], deny: [], identities: [] })
    expect(entries['ca.crt']).toBe('PEM')
  })

  it('is the same for the same wish, and another one for another identity, key store or file', () => {
    const { hash, keystoreHash } = configured([member('team-a', one)])
    expect(configured([member('team-a', one)]).hash).toBe(hash)
    expect(configured([member('team-a', two)])).toMatchObject({ keystoreHash })
    expect(configured([member('team-a', two)]).hash).not.toBe(hash)
    for (const more of [
      { keystore: { vault: { approle: { secret: 'hunter3' } } } },
      { files: { 'ca.crt': 'another' } },
    ]) {
      expect(configured([member('team-a', one)], more).hash).not.toBe(hash)
      expect(configured([member('team-a', one)], more).keystoreHash).not.toBe(keystoreHash)
    }
  })

  it('has a hash that tells nothing of the secrets in it', () => {
    const other = configurationOf(server, storedLeaf(authority), used, { policies: [], leftOut: [] })
    expect(other.keystoreHash).not.toBe(configured([]).keystoreHash)
  })

  it('leaves out who is being deleted', () => {
    const { policies, leftOut } = policiesOf([member('team-a', one, { deletionTimestamp: 'now' })], server, adminHex)
    expect([policies, leftOut]).toEqual([[], []])
  })

  it.each<[string, readonly ReturnType<typeof member>[], readonly string[]]>([
    ['a key pair that two have: the second', [member('team-a', one), member('team-b', one)], ['team-a_kes-client']],
    ["the administrator's key pair", [member('team-a', adminHex), member('team-b', one)], ['team-b_kes-client']],
    ['a name that KES refuses', [member('team-a', one, { name: 'a.b' }), member('team-b', two)], ['team-b_kes-client']],
  ])('leaves out %s, so that KES takes the rest', (_what, members, names) => {
    const { policies, leftOut } = policiesOf(members, server, adminHex)
    expect(policies.map(({ name }) => name)).toEqual(names)
    expect(leftOut).toHaveLength(1)
    expect(() => configurationOf(server, admin, used, { policies, leftOut })).not.toThrow()
  })
})
