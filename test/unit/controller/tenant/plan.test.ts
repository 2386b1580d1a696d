import { describe, expect, it } from 'vitest'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import type { Observed } from '../../../../src/controller/tenant/observed.ts'
import { plan } from '../../../../src/controller/tenant/plan.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { after, authorityFacts, dayMs, newAuthority, now, storedLeaf } from '../pairs.ts'
import { authority, client, dnsNames, fresh, handed, identity, server, settled } from './worlds.ts'

const but = (difference: Partial<Observed>): Observed => ({ ...settled, ...difference })
const step = (observed: Observed, at: Date = now) => plan(observed, at).step
const problem = (observed: Observed) => plan(observed, now).status.problem

describe('a namespace whose Tenant has everything', () => {
  it('has nothing to do and is looked at again within a minute', () => {
    expect(plan(settled, now)).toEqual({ status: settled.status, recheckMs: 60_000 })
  })

  it('is recorded: authority, identity, and until when', () => {
    expect(settled.status).toEqual({
      authority: authorityFacts(authority).fingerprint,
      authorityNotAfter: authorityFacts(authority).notAfter.toISOString(),
      identity,
      clientNotAfter: client.notAfter.toISOString(),
      serverNotAfter: server.notAfter.toISOString(),
    })
  })

  it('is kept up after its label was taken away', () => {
    expect(step(but({ optedIn: false, handedServer: { is: 'missing' } }))).toMatchObject({ do: 'issueServer' })
  })

  it('is left as it is once no Tenant of it uses our certificates', () => {
    expect(step(but({ dnsNames: [], handedServer: { is: 'missing' } }))).toBeUndefined()
  })
})

describe('a new Tenant', () => {
  it('gets an authority first, and nothing before the authority is recorded', () => {
    expect(step(fresh)).toEqual({ do: 'createAuthority' })
    const made: Observed = { ...fresh, authority: found(authorityFacts(authority)) }
    expect(plan(made, now).status.authority).toBe(authorityFacts(authority).fingerprint)
  })

  it('gets nothing without the label on its namespace', () => {
    expect(plan({ ...fresh, optedIn: false }, now)).toEqual({ status: {}, recheckMs: 60_000 })
  })

  it.each<[object, Partial<Observed>]>([
    [
      { do: 'createClient' },
      {
        status: { authority: settled.status.authority ?? '' },
        client: missing,
        clientIdentity: undefined,
        handedClient: { is: 'missing' },
      },
    ],
    [{ do: 'issueServer', why: 'Missing' }, { handedServer: { is: 'missing' } }],
    [{ do: 'handOutClient' }, { handedClient: { is: 'missing' } }],
  ])('gets next: %j', (expected, difference) => {
    expect(step(but(difference))).toEqual(expected)
  })
})

describe('renewing', () => {
  it('is due at two thirds of the lifetime, for MinIO and for KES', () => {
    const at = after(70 * dayMs)
    expect(step(settled, at)).toEqual({ do: 'renewClient', why: 'RenewalDue' })
    const renewed = storedLeaf(authority, { key: client.key, at })
    expect(step(but({ client: found(renewed), handedClient: handed(renewed) }), at)).toEqual({
      do: 'issueServer',
      why: 'RenewalDue',
    })
  })

  it('is not due before', () => {
    expect(step(settled, after(50 * dayMs))).toBeUndefined()
  })

  it('hands the renewed certificate out, and keeps the identity', () => {
    const renewed = storedLeaf(authority, { key: client.key, at: after(dayMs) })
    const observed = but({ client: found(renewed), clientIdentity: identityOfSpki(renewed.spki) })
    expect(step(observed)).toEqual({ do: 'handOutClient' })
    expect(plan(observed, now).status).toMatchObject({ identity, clientNotAfter: renewed.notAfter.toISOString() })
  })

  it('is done when a Tenant gets more replicas of KES', () => {
    expect(step(but({ dnsNames: [...dnsNames, 'store-kes-2.store-kes-hl-svc'] }))).toEqual({
      do: 'issueServer',
      why: 'NamesDiffer',
    })
  })

  it('is done when other lifetimes are wanted', () => {
    const shorter = { ...settled.certificates, client: '1000h', server: '1000h' }
    expect(step(but({ certificates: shorter }))).toEqual({ do: 'renewClient', why: 'DurationDiffers' })
  })
})

describe('a Secret that was changed by hand', () => {
  it.each<[string, Partial<Observed>, string]>([
    ['without ca.crt', { handedClient: handed(client, '') }, 'handOutClient'],
    ['with another pair', { handedClient: handed(storedLeaf(authority)) }, 'handOutClient'],
    [
      'that cannot be read',
      { handedClient: { is: 'ours', pair: broken('no'), authorityPem: undefined } },
      'handOutClient',
    ],
    [
      'of KES that cannot be read',
      { handedServer: { is: 'ours', pair: broken('no'), authorityPem: undefined } },
      'issueServer',
    ],
  ])('is written again: one %s', (_what, difference, expected) => {
    expect(step(but(difference))).toMatchObject({ do: expected })
  })
})

describe('a loss', () => {
  const other = newAuthority()
  const stranger = storedLeaf(authority)
  it.each<[string, RegExp, Partial<Observed>]>([
    ['the authority is gone', /^AuthorityLost/, { authority: missing }],
    ['the authority and its record are gone', /^AuthorityLost/, { authority: missing, status: {} }],
    [
      'authority, record and the client Secret are gone',
      /^AuthorityLost/,
      { authority: missing, status: {}, handedClient: { is: 'missing' } },
    ],
    ['the authority is another one', /^AuthorityLost/, { authority: found(authorityFacts(other)) }],
    ['the authority cannot be read', /^AuthorityLost/, { authority: broken('torn') }],
    [
      'both client pairs are gone',
      /^ClientLost/,
      { client: missing, clientIdentity: undefined, handedClient: { is: 'missing' } },
    ],
    [
      'the kept pair is gone and somebody laid another one beside the Tenant',
      /^ClientLost/,
      { client: missing, clientIdentity: undefined, handedClient: handed(stranger) },
    ],
    [
      'the kept pair and the record are gone',
      /^ClientLost/,
      { client: missing, clientIdentity: undefined, status: {} },
    ],
    [
      'the kept pair is another one',
      /^ClientLost/,
      { client: found(stranger), clientIdentity: identityOfSpki(stranger.spki) },
    ],
    ['the kept pair cannot be read', /^ClientLost/, { client: broken('torn'), clientIdentity: undefined }],
    [
      'a Secret of somebody else is in the way',
      /^SecretConflict.*kes-tenant-server/,
      { handedServer: { is: 'foreign' } },
    ],
  ])('is a full stop that says what to mend: %s', (_what, said, difference) => {
    const observed = but(difference)
    expect(problem(observed)).toMatch(said)
    expect(step(observed)).toBeUndefined()
    // What was recorded stays recorded.
    expect(plan(observed, now).status).toMatchObject(observed.status)
  })

  it('of the kept pair alone is none: it is taken back from MinIO', () => {
    expect(step(but({ client: missing, clientIdentity: undefined }))).toEqual({ do: 'takeBackClient' })
  })

  it('that was mended is forgotten', () => {
    const stopped = but({ status: { ...settled.status, problem: 'AuthorityLost: …' } })
    expect(plan(stopped, now).status).toEqual(settled.status)
  })
})
