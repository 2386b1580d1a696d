import { describe, expect, it } from 'vitest'
import type { Ask } from '../../../../src/controller/issuance/ask.ts'
import {
  certificateRequests,
  type CertificateRequest,
} from '../../../../src/controller/issuance/certificateRequests.ts'
import { certManager } from '../../../../src/controller/issuance/issuer.ts'
import { issue } from '../../../../src/pki/authority.ts'
import { generatePrivateKey } from '../../../../src/pki/privateKey.ts'
import { keyServer } from '../keyServers.ts'
import { memoryClient } from '../memoryClient.ts'
import { dayMs, newAuthority, now, storedLeaf } from '../pairs.ts'

const company = newAuthority()
const issuerRef = { name: 'company', kind: 'ClusterIssuer', group: 'cert-manager.io' }
const stored = storedLeaf(newAuthority())
const ask: Ask = {
  keyServer: keyServer({ certificates: { issuerRef } }),
  purpose: 'server',
  commonName: 'kes-injector key server',
  organizations: [],
  usages: ['server'],
  dnsNames: ['kes-default.kes-system.svc'],
  ipAddresses: [],
  lifetime: '2160h',
  stored,
}
const base64 = (text: string) => Buffer.from(text).toString('base64')
const world = () => {
  const client = memoryClient()
  const issuer = certManager(client, 'kes-system', () => now)
  const [asked] = [() => client.writes.find((each) => each.startsWith('create'))]
  const request = (): CertificateRequest => {
    const name = asked()?.split('/').at(-1) ?? ''
    const found = client.at(certificateRequests, { namespace: 'kes-system', name })
    if (!found) throw new Error('nothing was asked')
    return found
  }
  const answer = (status: CertificateRequest['status']) =>
    client.place(certificateRequests, { ...request(), ...(status ? { status } : {}) })
  return { client, issuer, request, answer }
}
const condition = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message })
const leaf = (key = stored.key) =>
  issue(company, {
    commonName: 'kes',
    usages: ['server'],
    dnsNames: ['kes-default.kes-system.svc'],
    key,
    lifetimeMs: 90 * dayMs,
    now,
  })
const answered = (certificate: string, ca = company.certificatePem) => ({
  certificate: base64(certificate),
  ca: base64(ca),
  conditions: [condition('Approved', 'True'), condition('Ready', 'True', 'Issued')],
})

describe('a KeyServer without issuerRef', () => {
  it('has nobody to ask', async () => {
    const { client, issuer } = world()
    const ours = { ...ask, keyServer: keyServer() }
    expect(await issuer.observe(ours)).toEqual({ is: 'ours' })
    await issuer.request(ours)
    expect(client.writes).toEqual([])
  })
})

describe('what cert-manager is asked', () => {
  it('is a leaf for the key that lies here, which is not sent', async () => {
    const { issuer, request } = world()
    await issuer.request(ask)
    const { spec, metadata } = request()
    expect(spec).toMatchObject({
      issuerRef,
      isCA: false,
      duration: '7776000s',
      usages: ['digital signature', 'server auth'],
    })
    expect(metadata).toMatchObject({ namespace: 'kes-system', labels: { 'kes-injector.io/key-server': 'default' } })
    const secret = stored.pem.keyPem.split('\n')[1] ?? 'nothing'
    expect(Buffer.from(spec.request, 'base64').toString()).not.toContain(secret)
  })

  it('is found again by whoever starts anew, and asked once', async () => {
    const { client, issuer } = world()
    await issuer.request(ask)
    await issuer.request(ask)
    expect(await issuer.observe(ask)).toMatchObject({ is: 'pending' })
    expect(client.writes).toHaveLength(1)
  })

  it('is another request once a certificate was taken, and for another wish', async () => {
    const { client, issuer } = world()
    await issuer.request(ask)
    await issuer.request({ ...ask, stored: storedLeaf(newAuthority(), { key: stored.key }) })
    await issuer.request({ ...ask, dnsNames: ['other.svc'] })
    expect(new Set(client.writes).size).toBe(3)
  })
})

describe('what cert-manager answers', () => {
  it('is taken when the chain is one that KES takes', async () => {
    const { issuer, answer } = world()
    expect(await issuer.observe(ask)).toEqual({ is: 'none' })
    await issuer.request(ask)
    answer(answered(leaf()))
    expect(await issuer.observe(ask)).toEqual({
      is: 'issued',
      chain: { certificatePem: leafLike(), authorityPem: company.certificatePem },
    })
    await issuer.drop(ask)
    expect(await issuer.observe(ask)).toEqual({ is: 'none' })
  })
  const leafLike = (): unknown => expect.stringContaining('-----BEGIN CERTIFICATE-----')

  it.each<[string, CertificateRequest['status'], RegExp]>([
    ['denied', { conditions: [condition('Denied', 'True', 'Policy', 'not you')] }, /not you/],
    ['invalid', { conditions: [condition('InvalidRequest', 'True', '', 'bad CSR')] }, /bad CSR/],
    ['failed', { conditions: [condition('Ready', 'False', 'Failed', 'the signer is broken')] }, /signer is broken/],
    ['for another key', answered(leaf(generatePrivateKey())), /another key/],
    ['with two leaves', answered(leaf() + leaf()), /second leaf/],
    ['without an authority', answered(leaf(), ''), /names no authority/],
    ['no certificate at all', answered('nonsense'), /no certificate/],
  ])('is refused in a sentence when it is %s', async (_what, status, sentence) => {
    const { issuer, answer } = world()
    await issuer.request(ask)
    answer(status)
    const issuance = await issuer.observe(ask)
    expect(issuance).toMatchObject({ is: 'refused', why: expect.stringMatching(sentence) as unknown })
  })

  it('is waited for while it is not approved, or not answered', async () => {
    const { issuer, answer } = world()
    await issuer.request(ask)
    expect(await issuer.observe(ask)).toMatchObject({
      is: 'pending',
      why: expect.stringContaining('approved') as unknown,
    })
    answer({
      conditions: [condition('Approved', 'True'), condition('Ready', 'False', 'Pending', 'waiting for a human')],
    })
    expect(await issuer.observe(ask)).toEqual({ is: 'pending', why: 'waiting for a human' })
  })
})
