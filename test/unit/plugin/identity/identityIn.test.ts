import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { identityOf } from '../../../../src/kes/identity.ts'
import { identitiesIn, isOne } from '../../../../src/plugin/identity/identityIn.ts'
import { tellIdentities } from '../../../../src/plugin/identity/tell.ts'
import { clientCertificate, newAuthority } from '../../../fixtures/certificates.ts'

const authority = newAuthority()
const pair = clientCertificate(authority)
const other = clientCertificate(authority)
const identity = identityOf(pair.certificatePem)
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const now = new Date()

describe('the identity of a file', () => {
  it.each([
    ['a certificate', pair.certificatePem],
    ['a chain, of which the first is the caller', pair.certificatePem + authority.certificatePem],
    ['a key', pair.keyPem],
    ['text before the certificate', `subject=minio\n${pair.certificatePem}`],
    [
      'a Secret',
      stringify({ kind: 'Secret', data: { 'tls.crt': base64(pair.certificatePem), 'tls.key': base64(pair.keyPem) } }),
    ],
    [
      "a Secret of the operator's",
      JSON.stringify({ kind: 'Secret', stringData: { 'public.crt': pair.certificatePem } }),
    ],
  ])('is read from %s, and printed bare', (_, text) => {
    expect(tellIdentities(identitiesIn(text), now)).toMatchObject({ text: [identity], ok: true })
  })

  it('is told twice where certificate and key of a Secret are two', () => {
    const secret = {
      kind: 'Secret',
      metadata: { name: 'mixed' },
      data: { 'tls.crt': base64(pair.certificatePem), 'tls.key': base64(other.keyPem) },
    }
    const found = identitiesIn(stringify(secret))
    expect(isOne(found)).toBe(false)
    const { text, ok } = tellIdentities(found, now)
    expect(ok).toBe(false)
    expect(text).toEqual([
      expect.stringContaining(`${identity}  Secret mixed, tls.crt: certificate`),
      `${identityOf(other.certificatePem)}  Secret mixed, tls.key: key`,
    ])
  })

  it.each([
    ['nothing', ''],
    ['another kind', 'kind: ConfigMap\ndata: {}'],
    ['a key that is broken', pair.keyPem.replaceAll(/[A-Z]/g, 'A')],
  ])('is not read from %s, which is not quoted', (_, text) => {
    expect(() => identitiesIn(text)).toThrow(expect.objectContaining({ name: 'PluginError', code: 'FileUnreadable' }))
  })
})
