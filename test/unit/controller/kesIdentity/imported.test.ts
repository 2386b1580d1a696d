import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { belongsTo, certificateOf, foundKey } from '../../../../src/controller/kesIdentity/imported.ts'
import { secretObject } from '../../../../src/controller/secretWriter.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { kesIdentities, secrets } from '../../../../src/kube/resources.ts'
import { privateKeyPem } from '../../../../src/pki/privateKey.ts'
import { readPair } from '../../../../src/pki/pair.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { authority, conditionOf, handedOut, newCluster, run } from './reconcilerWorld.ts'

const byHand = (data: Readonly<Record<string, string>>) => secretObject({ namespace: 'team-a', name: 'by-hand', data })
const keys = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  Ed25519: generateKeyPairSync('ed25519'),
  'RSA-2048': generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const hexOf = ({ publicKey }: (typeof keys)['P-256']) =>
  identityOf(publicKey.export({ type: 'spki', format: 'pem' }).toString())
const importing = () => kesIdentity({ importSecretRef: { name: 'by-hand' } })

describe('an imported key pair', () => {
  it.each(Object.entries(keys))(
    'of type %s keeps its identity, and gets a certificate of our authority',
    async (_type, pair) => {
      const cluster = newCluster(importing())
      const secret = byHand({ 'private.key': privateKeyPem(pair.privateKey), 'public.crt': 'its own' })
      cluster.client.place(secrets, secret)
      await run(cluster, 'team-a/kes-client')
      expect(conditionOf(cluster, 'kes-client')).toMatchObject({ status: 'True' })
      const data = handedOut(cluster)?.data ?? {}
      const [certificatePem = '', keyPem = ''] = ['tls.crt', 'tls.key'].map((name) =>
        Buffer.from(data[name] ?? '', 'base64').toString(),
      )
      const { certificate } = readPair({ certificatePem, keyPem })
      expect(identityOf(certificatePem)).toBe(hexOf(pair))
      expect(certificate.checkIssued(new X509Certificate(authority.certificatePem))).toBe(true)
      expect(cluster.told).toEqual(['Imported', 'HandedOut'])
      expect(cluster.client.writes.filter((each) => each.includes('by-hand'))).toEqual([])
      expect(cluster.client.at(secrets, { namespace: 'team-a', name: 'by-hand' })?.data).toEqual(secret.data)
    },
  )

  it.each([
    ['no key', { 'tls.crt': 'x' }, 'neither tls.key nor private.key'],
    [
      'an encrypted key',
      { 'tls.key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n' },
      'not an unencrypted',
    ],
    ['nonsense', { 'tls.key': 'canary' }, 'no PEM block'],
  ])('with %s is refused, without a byte of it in the words', (_what, data, says) => {
    const read = foundKey(byHand(data))
    expect(read).toMatchObject({ is: 'broken', why: expect.stringContaining(says) as string })
    expect(JSON.stringify(read)).not.toMatch(/canary|AAAA/)
  })

  it("is refused where it is another KesIdentity's, and nothing is enrolled", async () => {
    const pem = privateKeyPem(keys['P-256'].privateKey)
    const older = {
      ...kesIdentity({}, { namespace: 'team-b', creationTimestamp: '2025-01-01T00:00:00Z' }),
      status: { identity: hexOf(keys['P-256']) },
    }
    const cluster = newCluster(
      kesIdentity({ importSecretRef: { name: 'by-hand' } }, { creationTimestamp: '2026-01-01T00:00:00Z' }),
    )
    cluster.client.place(kesIdentities, older)
    cluster.client.place(secrets, byHand({ 'tls.key': pem }))
    await run(cluster, 'team-a/kes-client')
    expect(conditionOf(cluster, 'kes-client')).toMatchObject({ status: 'False', reason: 'IdentityTaken' })
    expect(cluster.kes.calls).toEqual([])
    expect(handedOut(cluster)).toBeUndefined()
  })

  it('belongs to the older of two, so that two that race do not both give way', () => {
    const hex = 'a'.repeat(64)
    const one = { ...kesIdentity({}, { name: 'one' }), status: { identity: hex } }
    const two = { ...kesIdentity({}, { name: 'two' }), status: { identity: hex } }
    expect(belongsTo(hex, one, keyServer(), [one, two])).toBeUndefined()
    expect(belongsTo(hex, two, keyServer(), [one, two])).toBe('that of the KesIdentity team-a/one')
  })

  it("is refused where it is an administrator's of the key server", () => {
    const hex = 'a'.repeat(64)
    const server = keyServer({}, { admin: { system: 'b', enclave: hex } })
    expect(belongsTo(hex, kesIdentity(), server, [])).toContain('administrator')
  })
})

describe('a Secret that cert-manager keeps', () => {
  it('is known by the name of its Certificate', () => {
    const metadata = { name: 'a', namespace: 'b' }
    const annotations = { 'cert-manager.io/certificate-name': 'minio' }
    expect(certificateOf({ metadata: { ...metadata, annotations } })).toBe('minio')
    expect(certificateOf({ metadata })).toBeUndefined()
    expect(certificateOf(undefined)).toBeUndefined()
  })
})
