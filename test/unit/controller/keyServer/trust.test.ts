import { describe, expect, it } from 'vitest'
import { adminPairOf } from '../../../../src/controller/external/adminPair.ts'
import { externalTrust, trustOf } from '../../../../src/controller/keyServer/trust.ts'
import { secretObject } from '../../../../src/controller/secretWriter.ts'
import { secrets } from '../../../../src/kube/resources.ts'
import { privateKeyPem } from '../../../../src/pki/privateKey.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient } from '../memoryClient.ts'
import { newAuthority, storedLeaf } from '../pairs.ts'

const namespace = 'kes-system'
const theirs = newAuthority()
const external = keyServer({
  stateful: undefined,
  external: { endpoints: ['https://kes.example.net'], caSecretRef: { name: 'their-ca', key: 'bundle' } },
})
const clientWith = (data: Readonly<Record<string, string>>) =>
  memoryClient([secrets, secretObject({ namespace, name: 'their-ca', data })])

describe('what clients of an external key server are to trust', () => {
  it('is every certificate of the entry that is named, and ours for every other kind', async () => {
    const bundle = `# a comment\n${theirs.certificatePem}\n${newAuthority().certificatePem}`
    const client = clientWith({ bundle })
    expect((await trustOf(client, namespace, external, 'ours'))?.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
    expect(await trustOf(client, namespace, keyServer(), 'ours')).toBe('ours')
  })

  it.each([
    [
      'a private key among them',
      { bundle: `${theirs.certificatePem}${privateKeyPem(theirs.key)}` },
      'PRIVATE KEY block',
    ],
    ['nothing to read', { bundle: 'certificate' }, 'no certificate'],
    ['another entry', { other: theirs.certificatePem }, 'there is no bundle in it'],
  ])('is nothing at all with %s', async (_what, data, says) => {
    const found = await externalTrust(clientWith(data), namespace, external)
    expect(found).toMatchObject({ is: 'broken', why: expect.stringContaining(says) as string })
    expect(await trustOf(clientWith(data), namespace, external, 'ours')).toBeUndefined()
  })

  it('is nothing while the Secret is missing', async () => {
    expect(await externalTrust(memoryClient(), namespace, external)).toEqual({ is: 'missing' })
  })
})

describe('the pair of an administrator', () => {
  const { pem } = storedLeaf(theirs)
  const secretWith = (data: Readonly<Record<string, string>>) => secretObject({ namespace, name: 'admin', data })

  it.each([
    ['tls.crt', 'tls.key'],
    ['public.crt', 'private.key'],
  ])('is read from %s and %s', (certificate, key) => {
    expect(adminPairOf(secretWith({ [certificate]: pem.certificatePem, [key]: pem.keyPem }))).toEqual({
      is: 'found',
      value: pem,
    })
  })

  it('must be there, whole, and one that fits', () => {
    expect(adminPairOf(undefined)).toEqual({ is: 'missing' })
    expect(adminPairOf(secretWith({ 'tls.crt': pem.certificatePem }))).toMatchObject({ is: 'broken' })
    const other = storedLeaf(theirs).pem.keyPem
    expect(adminPairOf(secretWith({ 'tls.crt': pem.certificatePem, 'tls.key': other }))).toMatchObject({ is: 'broken' })
  })
})
