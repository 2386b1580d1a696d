import { describe, expect, it } from 'vitest'
import { readKeystore } from '../../../src/kes/keystore.ts'

const secret = 'hunter2-S3cr3t'
const vault = `
vault:
  endpoint: https://vault.example.net:8200
  engine: kv
  version: v2
  approle:
    id: 8f9b
    secret: ${secret}
  tls:
    ca: /etc/kes/config/vault-ca.crt
  status:
    ping: 10s
`
const indented = (text: string) => text.replaceAll(/^(?=.)/gm, '  ')

/** One small section of each kind that KES takes. */
const stores: Readonly<Record<string, string>> = {
  fs: 'fs: { path: /data/keys }',
  vault,
  aws: 'aws: { secretsmanager: { endpoint: secretsmanager.eu-1.amazonaws.com, region: eu-1, credentials: { accesskey: a, secretkey: b } } }',
  gcp: 'gcp: { secretmanager: { project_id: p, scopes: [a, b], credentials: { client_email: e, private_key: "k" } } }',
  azure: 'azure: { keyvault: { endpoint: https://v.vault.azure.net, managed_identity: { client_id: c } } }',
  fortanix: 'fortanix: { sdkms: { endpoint: https://sdkms, credentials: { key: k } } }',
  gemalto: 'gemalto: { keysecure: { endpoint: https://g, credentials: { token: t } } }',
  entrust:
    'entrust: { keycontrol: { endpoint: e, vault_id: v, box_id: b, credentials: { username: u, password: p } } }',
}

describe('reading a key store section', () => {
  it.each(Object.entries(stores))('takes %s', (kind, text) => {
    expect(readKeystore(text)).toMatchObject({ kind, keystore: { [kind]: {} } })
  })

  it('takes it alone, under `keystore`, and in a whole configuration', () => {
    const alone = readKeystore(vault)
    expect(readKeystore(`keystore:\n${indented(vault)}`)).toMatchObject({
      keystore: 'keystore' in alone && alone.keystore,
    })
    const whole = `version: v1\naddress: 0.0.0.0:7373\ntls: { key: a, cert: b }\npolicy: {}\nkeystore:\n${indented(vault)}`
    expect(readKeystore(whole)).toMatchObject({ keystore: 'keystore' in alone && alone.keystore })
  })

  it('leaves every value the text that it is', () => {
    const read = readKeystore(stores['aws']?.replace('secretkey: b', 'secretkey: 0123456') ?? '')
    expect(read).toMatchObject({ keystore: { aws: { secretsmanager: { credentials: { secretkey: '0123456' } } } } })
    expect(readKeystore('fs: { path: yes }')).toMatchObject({ keystore: { fs: { path: 'yes' } } })
  })

  it('tells which variables and files it needs, and where it says so', () => {
    const read = readKeystore(vault.replace(secret, '${APPROLE_SECRET}'))
    expect(read).toMatchObject({
      variables: [{ name: 'APPROLE_SECRET', line: 8 }],
      files: [{ path: '/etc/kes/config/vault-ca.crt', line: 10 }],
    })
  })

  it.each<[string, string, number | undefined]>([
    ['a misspelt field', vault.replace('endpoint:', 'endpont:'), 3],
    ['an unknown field deep inside', vault.replace('secret:', 'secretid:'), 8],
    ['a store that KES does not know', 'redis: { url: x }', 1],
    ['two stores', `${vault}fs:\n  path: /data\n`, 13],
    ['no store', 'keystore: {}', 1],
    ['nothing at all', '', undefined],
    ['a missing field', 'aws:\n  secretsmanager:\n    endpoint: e\n', 2],
    ['an empty field', 'fs:\n  path: ~\n', 2],
    ['a store without its inner part', 'aws: {}', 1],
    ['keystore.kes', 'keystore:\n  kes: { endpoint: [a] }', 2],
    ['keys', 'version: v1\nkeys:\n- name: a\nkeystore:\n  fs: { path: /data }', 2],
    ['tls.proxy', 'tls:\n  key: a\n  proxy: { identities: [] }\nkeystore:\n  fs: { path: /data }', 3],
    ['another version', 'version: v2\nkeystore:\n  fs: { path: /data }', 1],
    ['an unknown field at the top', 'polices: {}\nkeystore:\n  fs: { path: /data }', 1],
    ['Vault without a way to prove itself', 'vault:\n  endpoint: e\n', 1],
    ['Vault with two of them', `${vault}  kubernetes: { role: r, jwt: /j }\n`, 13],
    ['half a pair for Vault', vault.replace('ca: /etc/kes/config/vault-ca.crt', 'key: /k'), 10],
    ['an engine version that does not exist', vault.replace('v2', 'v3'), 5],
    [
      'Azure with two ways',
      stores['azure']?.replace('} } }', '}, credentials: { tenant_id: t, client_id: c, client_secret: s } } }') ?? '',
      1,
    ],
    ['a list where a text belongs', 'fs: { path: [a] }', 1],
    ['a text where a mapping belongs', 'vault: https://vault', 1],
    ['a field twice', 'fs:\n  path: /a\n  path: /b\n', 3],
    ['two documents', 'fs: { path: /a }\n---\nfs: { path: /b }', 2],
    ['a tag', 'fs: { path: !!binary aGk= }', 1],
    ['broken YAML', 'fs: { path: "', 1],
  ])('refuses %s, with its line', (_what, text, line) => {
    const read = readKeystore(text)
    expect(read).toHaveProperty('problem')
    expect('line' in read ? read.line : undefined).toBe(line)
  })

  it.each([
    '['.repeat(50_000),
    'vault: *x',
    'vault: &v\n  endpoint: *v\n',
    '- a\n- b',
    '? [a]\n: b',
    'keystore: [fs]',
    '\0',
  ])('answers hostile text with a problem (%#)', (text) => {
    expect(readKeystore(text)).toHaveProperty('problem')
  })

  it('quotes no value, whatever is wrong', () => {
    for (const wrong of [
      vault.replace('secret:', 'secretid:'),
      vault.replace('    secret: ', '    secret:\n      '),
      vault.replace('secret: ', 'secret '),
      vault.replace(`    secret: ${secret}`, `    ${secret}: x`),
      vault.replace(secret, `"${secret}`),
      vault.replace(secret, `[${secret}]`),
      vault.replace('v2', secret),
      vault.replace('vault:', `${secret}:`),
    ]) {
      const read = readKeystore(wrong)
      if ('keystore' in read) continue
      expect(read.problem).not.toContain('S3cr3t')
    }
  })
})
