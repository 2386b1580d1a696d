import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { KesError } from '../../../src/kes/kesError.ts'
import { serverConfig, type ServerConfig } from '../../../src/kes/serverConfig.ts'

const [admin, one, two] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const wish: ServerConfig = {
  admin,
  tls: { certificatePath: '/etc/kes/tls/tls.crt', keyPath: '/etc/kes/tls/tls.key' },
  cache: { any: '5m', unused: '30s', offline: '1h' },
  policies: [
    { name: 'b_kes-client', allow: ['/v1/status', '/v1/api'], deny: [], identities: [two] },
    { name: 'a_kes-client', allow: ['/v1/status'], deny: ['/v1/key/delete/*'], identities: [one] },
  ],
  keystore: { fs: { path: '/data/keys' } },
}

describe('the configuration of a current KES', () => {
  it('demands a client certificate of everybody, prints no audit log, and knows whom it is told', () => {
    expect(parse(serverConfig(wish))).toEqual({
      version: 'v1',
      address: '0.0.0.0:7373',
      admin: { identity: admin },
      tls: { key: '/etc/kes/tls/tls.key', cert: '/etc/kes/tls/tls.crt', auth: 'off' },
      cache: { expiry: { any: '5m', unused: '30s', offline: '1h' } },
      log: { error: 'warn', audit: 'off' },
      policy: {
        'a_kes-client': { allow: ['/v1/status'], deny: ['/v1/key/delete/*'], identities: [one] },
        'b_kes-client': { allow: ['/v1/api', '/v1/status'], deny: [], identities: [two] },
      },
      keystore: { fs: { path: '/data/keys' } },
    })
  })

  it('is the same text for the same wish, in whatever order it is made', () => {
    expect(serverConfig({ ...wish, policies: [...wish.policies].reverse() })).toBe(serverConfig(wish))
  })

  it('opens a path only where it is asked to', () => {
    expect(serverConfig(wish)).not.toContain('skip_auth')
    expect(parse(serverConfig({ ...wish, openPaths: ['/v1/ready'] }))).toMatchObject({
      api: { '/v1/ready': { skip_auth: true } },
    })
  })

  it('has nobody for its administrator where none is named', () => {
    expect(parse(serverConfig({ ...wish, admin: undefined }))).toMatchObject({ admin: { identity: 'disabled' } })
  })

  const policy = (more: object) => ({
    ...wish,
    policies: [...wish.policies, { name: 'c', allow: [], deny: [], identities: [], ...more }],
  })
  it.each<[string, ServerConfig]>([
    ['one identity in two policies', policy({ identities: [one] })],
    ['the administrator in a policy', policy({ identities: [admin] })],
    ['an identity that is none', policy({ identities: ['zz'] })],
    ['a name that KES refuses', policy({ name: 'c-' })],
    ['two policies of one name', policy({ name: 'a_kes-client' })],
    ['an administrator that is no identity', { ...wish, admin: 'me' }],
    ['a path that is not absolute', { ...wish, tls: { ...wish.tls, keyPath: 'tls.key' } }],
  ])('is not written with %s: KES would refuse it whole', (_what, wrong) => {
    expect(() => serverConfig(wrong)).toThrow(KesError)
  })
})
