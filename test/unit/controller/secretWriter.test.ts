import { describe, expect, it } from 'vitest'
import { createSecret, replaceSecret, secretObject, type SecretContent } from '../../../src/controller/secretWriter.ts'
import { secrets } from '../../../src/kube/resources.ts'
import { memoryClient } from './memoryClient.ts'
import { after, dayMs, newAuthority, storedLeaf, type LeafWish } from './pairs.ts'

const content: SecretContent = {
  namespace: 'kes-system',
  name: 'kes-default-unseal',
  labels: { 'kes-injector.io/key-server': 'default' },
  data: { key: 'söme text\n' },
}
const ref = { namespace: 'kes-system', name: 'kes-default-unseal' }

describe('a Secret of ours', () => {
  it('carries its text as base64, is Opaque unless said, and says whose it is', () => {
    expect(secretObject(content)).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        ...ref,
        labels: {
          'app.kubernetes.io/name': 'kes-injector',
          'app.kubernetes.io/managed-by': 'kes-injector',
          'kes-injector.io/key-server': 'default',
        },
      },
      type: 'Opaque',
      data: { key: Buffer.from('söme text\n').toString('base64') },
    })
  })

  it('can be one that nobody may change', () => {
    expect(secretObject({ ...content, immutable: true })).toMatchObject({ immutable: true })
    expect(secretObject({ ...content, immutable: false })).not.toHaveProperty('immutable')
  })

  it('has no owner: no deletion of something else takes it along', () => {
    expect(secretObject(content).metadata).not.toHaveProperty('ownerReferences')
  })
})

describe('creating', () => {
  it('writes what was not there', async () => {
    const client = memoryClient()
    await createSecret(client, content)
    expect(client.at(secrets, ref)).toMatchObject({ data: secretObject(content).data })
  })

  it('never replaces what somebody else wrote first', async () => {
    const theirs = secretObject({ ...content, data: { key: 'theirs' } })
    const client = memoryClient([secrets, theirs])
    await expect(createSecret(client, content)).rejects.toMatchObject({ code: 'AlreadyExists' })
    expect(client.at(secrets, ref)?.data).toEqual(theirs.data)
    expect(client.writes).toEqual([])
  })
})

describe('replacing', () => {
  const former = {
    ...secretObject(content),
    metadata: { ...ref, labels: { team: 'storage' }, annotations: { a: 'b' } },
  }

  it('changes data and keeps what others put on the object', async () => {
    const client = memoryClient([secrets, former])
    const read = await client.get(secrets, ref)
    if (!read) throw new Error('it is there')
    await replaceSecret(client, read, { ...content, data: { key: 'next' } })
    expect(client.at(secrets, ref)).toMatchObject({
      data: { key: Buffer.from('next').toString('base64') },
      metadata: { labels: { team: 'storage', 'kes-injector.io/key-server': 'default' }, annotations: { a: 'b' } },
    })
  })

  it('is refused where somebody wrote since it was read', async () => {
    const client = memoryClient([secrets, former])
    const read = await client.get(secrets, ref)
    if (!read) throw new Error('it is there')
    await client.update(secrets, { ...read, data: { key: 'theirs' } })
    await expect(replaceSecret(client, read, content)).rejects.toMatchObject({ code: 'Conflict' })
    expect(client.at(secrets, ref)?.data).toEqual({ key: 'theirs' })
  })
})

describe('replacing a pair', () => {
  const authority = newAuthority()
  const first = storedLeaf(authority)
  const holding = (pair: {
    readonly pem: { readonly certificatePem: string; readonly keyPem: string }
  }): SecretContent => ({
    ...ref,
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': pair.pem.certificatePem, 'tls.key': pair.pem.keyPem },
  })
  const renewed = (wish: LeafWish) => storedLeaf(authority, { at: after(60 * dayMs), ...wish })

  async function replaceWith(content: SecretContent, stored = secretObject(holding(first)), how = {}) {
    const client = memoryClient([secrets, stored])
    const read = await client.get(secrets, ref)
    if (!read) throw new Error('it is there')
    await replaceSecret(client, read, content, how)
    return client.at(secrets, ref)?.data
  }

  it('takes a new certificate for the same key, both in one write', async () => {
    const next = renewed({ key: first.key })
    expect(await replaceWith(holding(next))).toEqual(secretObject(holding(next)).data)
  })

  it('refuses a certificate for another key, and names no more than the Secret', async () => {
    const refused = await replaceWith(holding(renewed({}))).catch((error: unknown) => error)
    expect(String(refused)).toBe(
      'Error: the Secret kes-system/kes-default-unseal holds another key than was renewed: nothing is written',
    )
  })

  it('refuses what is no pair where one lies', async () => {
    await expect(replaceWith(content)).rejects.toThrow('nothing is written')
  })

  it('takes another key where none can be read, and where whoever replaces it says so', async () => {
    const next = holding(renewed({}))
    const spoilt = secretObject({ ...holding(first), data: { 'tls.crt': 'rubbish', 'tls.key': 'rubbish' } })
    expect(await replaceWith(next, spoilt)).toEqual(secretObject(next).data)
    expect(await replaceWith(next, undefined, { mayChangeKey: true })).toEqual(secretObject(next).data)
  })
})
