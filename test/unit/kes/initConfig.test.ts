import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { initConfig, type InitConfig } from '../../../src/kes/initConfig.ts'

const good: InitConfig = {
  tls: { keyPath: '/etc/kes/tls/tls.key', certificatePath: '/etc/kes/tls/tls.crt' },
  systemAdmin: 'a'.repeat(64),
  enclaveAdmin: '0'.repeat(64),
}

describe('init.yml', () => {
  it('says what kes init needs and nothing secret', () => {
    expect(parse(initConfig(good))).toEqual({
      version: 'v1',
      address: '0.0.0.0:7373',
      tls: { key: '/etc/kes/tls/tls.key', cert: '/etc/kes/tls/tls.crt', client: { verify_cert: false } },
      system: { admin: { identity: 'a'.repeat(64) } },
      unseal: { environment: { name: 'KES_UNSEAL_KEY' } },
      enclave: { default: { admin: { identity: '0'.repeat(64) } } },
    })
  })

  it('keeps an identity of digits a text', () => {
    expect(initConfig(good)).toContain(`"${'0'.repeat(64)}"`)
  })

  it.each<[string, Partial<InitConfig>]>([
    ['one identity for both admins', { enclaveAdmin: good.systemAdmin }],
    ['an identity that is none', { systemAdmin: '_' }],
    ['a relative path', { tls: { ...good.tls, keyPath: 'tls.key' } }],
  ])('refuses %s', (_what, change) => {
    expect(() => initConfig({ ...good, ...change })).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }))
  })
})
