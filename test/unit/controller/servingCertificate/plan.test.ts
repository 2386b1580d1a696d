import { describe, expect, it } from 'vitest'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import { lifetimes, plan, type Observed, type Step } from '../../../../src/controller/servingCertificate/plan.ts'
import { splitBundle } from '../../../../src/pki/bundle.ts'
import { after, authorityFacts, dayMs, newAuthority, now, storedLeaf } from '../pairs.ts'

const dnsNames = ['kes-injector-webhook.kes-system.svc']
const authority = newAuthority()
const leafOf = (from = authority, at = now) =>
  storedLeaf(from, { usages: ['server'], dnsNames, lifetimeMs: lifetimes.leafMs, at })
const pem = authority.certificatePem
const settled: Observed = {
  authority: found(authorityFacts(authority)),
  leaf: found(leafOf()),
  published: { tenants: pem, pods: pem },
  dnsNames,
  status: undefined,
}
const step = (difference: Partial<Observed>, at = now): Step | undefined => plan({ ...settled, ...difference }, at).step

describe('the certificate of the webhook', () => {
  it('is looked at each minute where everything is in place', () => {
    expect(plan(settled, now)).toEqual({ status: undefined, recheckMs: 60_000 })
  })

  it.each<[Step['do'], Partial<Observed>]>([
    ['createAuthority', { authority: missing, published: { tenants: '', pods: '' }, leaf: missing }],
    ['replaceAuthority', { authority: broken('KeyMismatch') }],
    ['publish', { published: { tenants: '', pods: '' }, leaf: missing }],
    ['issue', { leaf: missing }],
    ['issue', { leaf: broken('KeyMismatch') }],
    ['issue', { dnsNames: ['kes-injector-webhook.elsewhere.svc'] }],
    ['issue', { leaf: found(storedLeaf(authority, { dnsNames, lifetimeMs: lifetimes.leafMs })) }],
  ])('next is %s', (next, difference) => {
    expect(step(difference)).toMatchObject({ do: next })
  })

  it('is renewed after two thirds of its month', () => {
    expect(step({}, after(18 * dayMs))).toBeUndefined()
    expect(step({}, after(22 * dayMs))).toEqual({ do: 'issue' })
  })

  it('is issued where the webhook is not installed yet', () => {
    expect(step({ published: undefined, leaf: missing })).toEqual({ do: 'issue' })
    expect(step({ published: undefined })).toBeUndefined()
  })
})

describe('another authority', () => {
  const next = newAuthority(after(1_000))
  const replaced: Partial<Observed> = { authority: found(authorityFacts(next)) }

  it('is made when two thirds of its five years are over', () => {
    const year = 365 * dayMs
    expect(step({ leaf: found(leafOf(authority, after(3 * year))) }, after(3 * year))).toBeUndefined()
    expect(step({ leaf: found(leafOf(authority, after(3.7 * year))) }, after(3.7 * year))).toEqual({
      do: 'replaceAuthority',
    })
  })

  it('is published in every entry, beside the former one, before a leaf of it is served', () => {
    const publish = step(replaced)
    expect(publish?.do).toBe('publish')
    const bundles = publish?.do === 'publish' ? publish.bundles : {}
    expect(Object.keys(bundles)).toEqual(['tenants', 'pods'])
    for (const bundle of Object.values(bundles)) {
      expect(new Set(splitBundle(bundle))).toEqual(new Set([next.certificatePem, pem]))
    }
    expect(step({ ...replaced, published: bundles })).toEqual({ do: 'issue' })
  })

  it('keeps the former leaf in use while one entry does not hold it', () => {
    const half = { tenants: pem + next.certificatePem, pods: pem }
    const publish = step({ ...replaced, published: half })
    expect(publish?.do === 'publish' && Object.keys(publish.bundles)).toEqual(['pods'])
  })

  it.each([
    ['no PEM', 'rubbish'],
    ['cut short', pem.slice(0, 200)],
  ])('takes the place of a bundle that is %s', (_what, bundle) => {
    const publish = step({ published: { tenants: bundle } })
    expect(publish).toEqual({ do: 'publish', bundles: { tenants: pem } })
  })

  it('leaves out of the bundle what has ended', () => {
    const old = newAuthority(new Date('2019-01-01T00:00:00Z'))
    const publish = step({ published: { tenants: old.certificatePem } })
    expect(publish).toEqual({ do: 'publish', bundles: { tenants: pem } })
  })
})
