import { describe, expect, it } from 'vitest'
import { annotations, revocationFinalizer } from '../../../../src/api/names.ts'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import type { Observed, Withdrawal } from '../../../../src/controller/kesIdentity/observed.ts'
import { giveUpAfterMs, planWithdrawal } from '../../../../src/controller/kesIdentity/planWithdrawal.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { after, newAuthority, now, storedLeaf } from '../pairs.ts'

const authority = newAuthority()
const pair = storedLeaf(authority)
const hex = identityOfSpki(pair.spki)
const deleting = (more: object = {}) =>
  kesIdentity({}, { deletionTimestamp: now.toISOString(), finalizers: ['other', revocationFinalizer], ...more })

const refused: Withdrawal = { is: 'known', listed: false, call: 'refused' }
const world: Observed = {
  identity: deleting(),
  status: { identity: hex },
  keyServer: keyServer(),
  admitted: true,
  keyName: 'team-a_minio',
  keyNameProblem: undefined,
  policyProblem: undefined,
  authorityPem: authority.certificatePem,
  trustPem: authority.certificatePem,
  kept: found(pair),
  issuance: { is: 'ours' },
  keptIdentity: hex,
  handedOut: { is: 'current' },
  imported: undefined,
  importedBelongsTo: undefined,
  enrolment: { is: 'unknown', why: 'it is being revoked' },
  withdrawal: refused,
}
const but = (difference: Partial<Observed>): Observed => ({ ...world, ...difference })
const step = (observed: Observed, at: Date = now) => planWithdrawal(observed, at).step
const said = (observed: Observed, at: Date = now) =>
  planWithdrawal(observed, at).status.conditions?.find(({ type }) => type === 'Revoked')

describe('an identity that is deleted', () => {
  it.each<[object, Partial<Observed>]>([
    [{ do: 'withdraw' }, { withdrawal: { is: 'known', listed: true, call: 'notTried' } }],
    [{ do: 'takeAway' }, {}],
    [{ do: 'takeAway' }, { handedOut: { is: 'different', pair: missing } }],
    [{ do: 'forget' }, { handedOut: { is: 'missing' } }],
    [{ do: 'forget' }, { handedOut: { is: 'foreign' } }],
    [{ do: 'forget' }, { handedOut: { is: 'forbidden' } }],
    [{ do: 'forget' }, { handedOut: { is: 'missing' }, kept: broken('unreadable') }],
    [{ do: 'release' }, { handedOut: { is: 'missing' }, kept: missing }],
  ])('comes next to %o', (next, difference) => {
    expect(planWithdrawal(but(difference), now)).toMatchObject({ step: next, recheckMs: 0 })
  })

  it('is not ready from the first moment on', () => {
    const { conditions } = planWithdrawal(world, now).status
    expect(conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'Deleting' })
  })

  it('is left to others where it was never held back', () => {
    expect(step(but({ identity: deleting({ finalizers: ['other'] }) }))).toBeUndefined()
  })
})

describe('what holds the finalizer', () => {
  it.each<[string, string, Withdrawal | undefined]>([
    ['KeyServerUnreachable', 'Unknown', { is: 'unknown', why: 'timeout' }],
    ['KeyServerUnreachable', 'Unknown', undefined],
    ['StillAccepted', 'False', { is: 'known', listed: false, call: 'accepted' }],
    ['ByHand', 'False', { is: 'known', listed: false, call: 'accepted', waitsFor: { reason: 'ByHand', message: 'm' } }],
  ])('%s', (reason, status, withdrawal) => {
    const waiting = but({ withdrawal })
    expect(planWithdrawal(waiting, now)).toMatchObject({ recheckMs: 15_000 })
    expect(step(waiting)).toBeUndefined()
    expect(said(waiting)).toMatchObject({ reason, status })
  })
})

describe('a current KES that has yet to load its configuration', () => {
  it('is looked at every two seconds', () => {
    const waitsFor = { reason: 'ConfigurationLoading', message: 'until kes-0 has loaded it' }
    const loading = but({ withdrawal: { is: 'known', listed: true, call: 'notTried', waitsFor } })
    expect(planWithdrawal(loading, now)).toMatchObject({ recheckMs: 2_000 })
    expect(step(loading)).toBeUndefined()
    expect(said(loading)).toMatchObject({ status: 'False', ...waitsFor })
  })
})

describe('what does not hold it', () => {
  const away = { withdrawal: { is: 'unknown', why: 'timeout' } } as const

  it('is a KeyServer that is gone', () => {
    const gone = but({ keyServer: undefined, withdrawal: undefined })
    expect(step(gone)).toEqual({ do: 'takeAway' })
    expect(said(gone)).toMatchObject({ status: 'True', reason: 'KeyServerGone' })
  })

  it('is a person who says not to wait, by its very name', () => {
    const skipping = (name: string) => deleting({ annotations: { [annotations.skipRevocation]: name } })
    expect(step(but({ ...away, identity: skipping('kes-client') }))).toEqual({ do: 'takeAway' })
    expect(said(but({ ...away, identity: skipping('kes-client') }))).toMatchObject({
      status: 'Unknown',
      reason: 'Skipped',
    })
    expect(step(but({ ...away, identity: skipping('true') }))).toBeUndefined()
  })

  it('is a key server that did not answer for a day, counted from the first time that it did not', () => {
    const first = planWithdrawal(but(away), now).status
    const waiting = but({ ...away, status: first })
    expect(step(waiting, after(giveUpAfterMs - 1))).toBeUndefined()
    expect(step(waiting, after(giveUpAfterMs))).toEqual({ do: 'takeAway' })
    expect(said(waiting, after(giveUpAfterMs))).toMatchObject({ status: 'Unknown', reason: 'GivenUp' })
    expect(said(waiting, after(giveUpAfterMs))?.message).toContain(hex)
  })

  it('is never a key server that answers and lets it in, however long', () => {
    const accepted = but({ withdrawal: { is: 'known', listed: false, call: 'accepted' } })
    const status = planWithdrawal(accepted, now).status
    expect(step({ ...accepted, status }, after(30 * giveUpAfterMs))).toBeUndefined()
    // And the day of silence begins anew after it was heard.
    const silent = planWithdrawal({ ...but(away), status }, after(30 * giveUpAfterMs)).status
    expect(step({ ...but(away), status: silent }, after(31 * giveUpAfterMs - 1))).toBeUndefined()
  })
})
