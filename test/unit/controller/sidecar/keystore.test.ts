import { describe, expect, it } from 'vitest'
import { sidecarKeystore } from '../../../../src/controller/sidecar/keystore.ts'
import type { Secret } from '../../../../src/kube/resources.ts'
import { inPods } from './world.ts'

const secretOf = (name: string, data: Readonly<Record<string, string>>): Secret => ({
  metadata: { namespace: 'kes-system', name },
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
})
const vault = (more = ''): string => `keystore:
  vault:
    endpoint: https://vault.example:8200
    approle: { id: role-a, secret: "\${VAULT_SECRET}" }
${more}`
const environment = secretOf('vault-environment', { VAULT_SECRET: 's3cr3t: "quoted"' })
const read = (text: string, files: Readonly<Record<string, string>> = {}) =>
  sidecarKeystore(
    inPods({ environmentSecretRef: { name: 'vault-environment' } }),
    secretOf('my-vault', { 'server-config.yaml': text, ...files }),
    environment,
  )

describe('the key store section for a KES inside MinIO pods', () => {
  it('holds the values of its variables: a pod cannot refer to Secrets of another namespace', () => {
    expect(read(vault())).toEqual({
      is: 'usable',
      kind: 'vault',
      files: {},
      keystore: {
        vault: { endpoint: 'https://vault.example:8200', approle: { id: 'role-a', secret: 's3cr3t: "quoted"' } },
      },
    })
  })

  it('names what lies beside it where it lies in the pod, under a name that is none of ours', () => {
    const facts = read(vault('    tls: { ca: /etc/kes/config/tls.key }'), { 'tls.key': 'an authority' })
    expect(facts).toMatchObject({
      keystore: { vault: { tls: { ca: '/run/kes/keystore.tls.key' } } },
      files: { 'keystore.tls.key': 'an authority' },
    })
  })

  it.each<[string, string, string]>([
    ['a variable that has no value', vault().replace('VAULT_SECRET', 'OTHER'), 'line 4'],
    ['a file that MinIO pods have not', vault('    tls: { ca: /etc/vault/ca.crt }'), 'line 5: it names a file'],
    ['a file that is no entry', vault('    tls: { ca: /etc/kes/config/ca.crt }'), 'line 5'],
    ['files in the pod, which are lost with it', 'fs: { path: /data }', 'keystore.fs'],
    ['a field that KES would ignore', vault('    aproll: {}'), 'line 5: KES would ignore this field'],
  ])('is refused with its line where it names %s', (_what, text, expected) => {
    const facts = read(text)
    expect(facts).toMatchObject({ is: 'invalid' })
    expect('why' in facts && facts.why).toContain(expected)
  })

  it('is refused without a value of it in the sentence', () => {
    const facts = read(vault('    s3cr3t-that-slipped: {}'))
    expect(facts).toMatchObject({ is: 'invalid' })
    expect(JSON.stringify(facts)).not.toContain('s3cr3t')
  })

  it('is missing where its Secret is', () => {
    expect(sidecarKeystore(inPods(), undefined, undefined)).toMatchObject({ is: 'missing' })
  })
})
