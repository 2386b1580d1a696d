import { describe, expect, it } from 'vitest'
import { revocationFinalizer } from '../../../../src/api/names.ts'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import type { Observed } from '../../../../src/controller/kesIdentity/observed.ts'
import { plan } from '../../../../src/controller/kesIdentity/plan.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { after, dayMs, newAuthority, now, storedLeaf } from '../pairs.ts'
import {
  authority,
  pair,
  identity,
  serverStatus,
  world,
  settled,
  but,
  step,
  condition,
  known,
  lost,
} from './settled.ts'

describe('a settled identity', () => {
  it('has nothing to do and is looked at again within a minute', () => {
    expect(plan(settled, now)).toEqual({ status: settled.status, recheckMs: 60_000 })
  })

  it('says who it is, until when, and that it works', () => {
    expect(settled.status).toMatchObject({
      observedGeneration: 1,
      identity,
      keyName: 'team-a_minio',
      notAfter: pair.notAfter.toISOString(),
    })
    const { renewalTime = '' } = settled.status
    expect(new Date(renewalTime).getTime()).toBeGreaterThan(after(50 * dayMs).getTime())
    expect(new Date(renewalTime).getTime()).toBeLessThan(after(70 * dayMs).getTime())
    const said = Object.fromEntries((settled.status.conditions ?? []).map(({ type, status }) => [type, status]))
    expect(said).toEqual({ Issued: 'True', Enrolled: 'True', Ready: 'True' })
  })

  it('is held back from deletion before anything is made', () => {
    expect(step(but({ identity: kesIdentity() }))).toEqual({ do: 'holdBack' })
    expect(step(but({ identity: kesIdentity(), ...lost, handedOut: { is: 'missing' } }))).toEqual({ do: 'holdBack' })
  })
})

describe('issuing and enrolling', () => {
  it.each<[object, Partial<Observed>]>([
    [{ do: 'create' }, { ...lost, handedOut: { is: 'missing' } }],
    [{ do: 'writePolicy' }, { enrolment: known({ policy: false, assigned: false, call: undefined }) }],
    [{ do: 'writePolicy' }, { enrolment: known({ policy: false, call: undefined }) }],
    [{ do: 'assignPolicy' }, { enrolment: known({ assigned: false, call: undefined }) }],
    [{ do: 'handOut' }, { handedOut: { is: 'missing' } }],
    [{ do: 'handOut' }, { handedOut: { is: 'different', pair: missing } }],
    [{ do: 'handOut' }, { handedOut: { is: 'different', pair: found(storedLeaf(authority)) } }],
  ])('next is %o', (next, difference) => {
    expect(plan(but(difference), now)).toMatchObject({ step: next, recheckMs: 0 })
  })

  it('keeps the pair before anybody enrols it', () => {
    expect(step(but({ ...lost, handedOut: { is: 'missing' }, enrolment: known({ policy: false }) }))).toEqual({
      do: 'create',
    })
  })

  it('writes the policy before it assigns it: KES takes an unknown policy without a word', () => {
    expect(step(but({ enrolment: known({ policy: false, assigned: false, call: undefined }) }))).toEqual({
      do: 'writePolicy',
    })
  })

  it('looks every two seconds while something is missing at the key server', () => {
    const waiting = but({ handedOut: { is: 'missing' }, enrolment: known({ call: undefined }) })
    expect(plan(waiting, now)).toMatchObject({ recheckMs: 2_000 })
    expect(step(waiting)).toBeUndefined()
  })
})

type WaitRow = readonly [reason: string, says: string, difference: Partial<Observed>]

const before: readonly WaitRow[] = [
  ['KeyServerUnknown', 'there is no KeyServer called default', { keyServer: undefined }],
  ['KeyServerNotAllowed', 'does not admit this namespace', { admitted: false }],
  ['KeyNameInvalid', 'begin with "team-a_"', { keyNameProblem: 'the names of keys begin with "team-a_"' }],
  ['KeyServerNotReady', 'no longer has a key', { keyServer: keyServer({}, serverStatus(false)) }],
  ['KeyServerNotReady', 'is not ready', { keyServer: keyServer() }],
  ['KeyServerNotReady', 'is not ready', { authorityPem: undefined }],
  ['PolicyInvalid', 'spec.policy.allow: /v1/policy/*', { policyProblem: '/v1/policy/* is no path of keys' }],
  ['IdentityTaken', 'that of the KesIdentity a/b', { importedBelongsTo: 'that of the KesIdentity a/b' }],
  ['PairUnreadable', 'KeyMismatch', { kept: broken('KeyMismatch'), keptIdentity: undefined }],
  ['SecretConflict', 'it is not written over', { handedOut: { is: 'foreign' } }],
]
const afterwards: readonly WaitRow[] = [
  ['KeyServerUnreachable', 'timeout', { enrolment: { is: 'unknown', why: 'timeout' } }],
  [
    'KeyMissing',
    'waiting for the key team-a_minio',
    { keyServer: keyServer({}, serverStatus(true, ['team-b_minio'])), enrolment: known({ call: undefined }) },
  ],
  ['NotTried', 'not tried', { enrolment: known({ call: undefined }) }],
  ['CallRefused', 'failed: not allowed', { enrolment: known({ call: { failed: 'not allowed' } }) }],
]

describe('what stands in the way', () => {
  it.each([...before, ...afterwards])('%s: the Secret is not handed out (%s)', (reason, says, difference) => {
    const waiting = but({ handedOut: { is: 'missing' }, ...difference })
    expect(step(waiting)).toBeUndefined()
    expect(condition(waiting, 'Ready')).toMatchObject({ status: 'False', reason })
    expect(condition(waiting, 'Ready')?.message).toContain(says)
  })

  it.each(before)('%s: nothing is made at all (%s)', (_reason, _says, difference) => {
    const bare = but({ ...lost, handedOut: { is: 'missing' }, ...difference })
    expect(step(bare)).toBeUndefined()
    expect(step(but({ enrolment: known({ policy: false, assigned: false }), ...difference }))).toBeUndefined()
  })

  it.each(before)('%s: takes back only what may not be allowed any more (%s)', (reason, _says, difference) => {
    const expected = ['KeyNameInvalid', 'PolicyInvalid'].includes(reason) ? { do: 'writePolicy' } : undefined
    expect(step(but({ ...difference, enrolment: known({ policy: false, assigned: true, call: undefined }) }))).toEqual(
      expected,
    )
    expect(step(but({ ...difference, enrolment: known({ call: { failed: 'not allowed' } }) }))).toBeUndefined()
  })

  it.each(before)('%s: keeps what was recorded (%s)', (_reason, _says, difference) => {
    expect(plan(but(difference), now).status.identity).toBe(identity)
  })

  it('is looked at every two seconds where the key server comes up, and every minute where a person must act', () => {
    const recheck = (difference: Partial<Observed>) => plan(but(difference), now).recheckMs
    expect(recheck({ keyServer: keyServer() })).toBe(2_000)
    expect(recheck({ admitted: false })).toBe(60_000)
    expect(recheck({ handedOut: { is: 'foreign' } })).toBe(60_000)
  })

  it('is no reason to unsay that a real call succeeded', () => {
    expect(condition(but({ handedOut: { is: 'foreign' } }), 'Enrolled')?.status).toBe('True')
    expect(condition(but({ enrolment: { is: 'unknown', why: 'timeout' } }), 'Enrolled')).toMatchObject({
      status: 'False',
      reason: 'KeyServerUnreachable',
    })
  })

  it('is told in the words of a person who is handed an identity', () => {
    expect(condition(but({ handedOut: { is: 'missing' } }), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'HandingOut',
      message: 'the Secret kes-client is being written',
    })
    expect(condition(but({ ...lost, handedOut: { is: 'missing' } }), 'Issued')?.reason).toBe('Pending')
  })
})

describe('renewing', () => {
  it('begins after two thirds of the life of the certificate, and not before', () => {
    expect(step(settled, after(54 * dayMs))).toBeUndefined()
    expect(step(settled, after(66 * dayMs))).toEqual({ do: 'renew', why: 'RenewalDue' })
    expect(step(settled, after(91 * dayMs))).toEqual({ do: 'renew', why: 'Expired' })
  })

  it.each<[string, Partial<Observed>]>([
    ['IssuerDiffers', { authorityPem: newAuthority().certificatePem }],
    ['DurationDiffers', { keyServer: keyServer({ certificates: { client: '24h' } }, serverStatus(true)) }],
  ])('is due where %s', (why, difference) => {
    expect(step(but(difference))).toEqual({ do: 'renew', why })
  })

  it('keeps the identity: the renewed pair of the same key is the one that is recorded', () => {
    const renewed = storedLeaf(authority, { key: pair.key, at: after(66 * dayMs) })
    const next = but({ kept: found(renewed), keptIdentity: identityOfSpki(renewed.spki) })
    const { status, step: then } = plan(
      { ...next, handedOut: { is: 'different', pair: found(pair) } },
      after(66 * dayMs),
    )
    expect(status.identity).toBe(identity)
    expect(status.notAfter).toBe(renewed.notAfter.toISOString())
    expect(then).toEqual({ do: 'handOut' })
  })

  it('comes before enrolling: what is tried is what will be handed out', () => {
    expect(step(but({ enrolment: known({ policy: false }) }), after(66 * dayMs))).toMatchObject({ do: 'renew' })
  })
})

describe('a kept pair that is gone', () => {
  const inWorkload = { is: 'different', pair: found(pair) } as const

  it('is taken back from the workload, so that nothing changes for MinIO', () => {
    expect(step(but({ ...lost, handedOut: inWorkload }))).toEqual({ do: 'takeBack' })
  })

  it.each<[string, Partial<Observed>]>([
    ['another pair lies there', { handedOut: { is: 'different', pair: found(storedLeaf(authority)) } }],
    ['what lies there cannot be read', { handedOut: { is: 'different', pair: broken('KeyMismatch') } }],
    ['nothing lies there', { handedOut: { is: 'missing' } }],
    ['this identity was never recorded', { handedOut: inWorkload, status: {} }],
  ])('is made anew where %s', (_what, difference) => {
    expect(step(but({ ...lost, ...difference }))).toEqual({ do: 'create' })
  })

  it('leaves the identity in the status until there is another one', () => {
    expect(plan(but({ ...lost, handedOut: inWorkload }), now).status.identity).toBe(identity)
  })
})

describe('an identity that is in use', () => {
  const { conditions: said = [], ...rest } = serverStatus(false)
  const serving = {
    type: 'Serving',
    status: 'True',
    reason: 'Answering',
    message: 'm',
    lastTransitionTime: '',
  } as const
  const servesYetLost = keyServer({}, { ...rest, conditions: [...said, serving] })
  const due = after(80 * dayMs)

  it('is renewed although its key server has lost something: who works goes on working', () => {
    expect(step(but({ keyServer: servesYetLost }), due)).toEqual({ do: 'renew', why: 'RenewalDue' })
    expect(step(but({ keyServer: servesYetLost, handedOut: { is: 'missing' } }))).toEqual({ do: 'handOut' })
  })

  it('is not renewed where the server does not even answer', () => {
    expect(step(but({ keyServer: keyServer({}, serverStatus(false)) }), due)).toBeUndefined()
  })

  it('is not renewed under an authority that its MinIO does not trust', () => {
    expect(step(but({ keyServer: servesYetLost, authorityPem: undefined }), due)).toBeUndefined()
  })

  it('is the only one: nobody new gets an identity there', () => {
    const newcomer = { ...lost, handedOut: { is: 'missing' }, keyServer: servesYetLost, status: {} } as const
    expect(step(but(newcomer))).toBeUndefined()
    expect(condition(but(newcomer), 'Ready')).toMatchObject({ status: 'False', reason: 'KeyServerNotReady' })
  })
})

describe('a Secret whose name the chart does not list', () => {
  it('is told, with what to do', () => {
    const observed = but({ handedOut: { is: 'forbidden' } })
    expect(step(observed)).toBeUndefined()
    expect(condition(observed, 'Ready')).toMatchObject({ status: 'False', reason: 'SecretNameNotListed' })
    expect(condition(observed, 'Ready')?.message).toContain('workloadSecretNames')
  })
})

describe('a key pair that is in use already', () => {
  const imports = kesIdentity({ importSecretRef: { name: 'by-hand' } }, { finalizers: [revocationFinalizer] })
  const hex = 'a'.repeat(64)
  const imported = found({ key: pair.key, identity: hex })
  const first = { ...world, ...lost, identity: imports, handedOut: { is: 'missing' } } as const

  it('becomes the pair of the identity at its first issue', () => {
    expect(step({ ...first, imported })).toEqual({ do: 'import' })
    expect(step({ ...first, status: { identity: hex }, imported })).toEqual({ do: 'import' })
  })

  it.each<[string, string, Observed['imported']]>([
    ['ImportUnreadable', 'waiting for the Secret by-hand', missing],
    ['ImportUnreadable', 'cannot be imported: KeyUnreadable', broken('KeyUnreadable')],
    ['SecretNameNotListed', 'may not read a Secret called by-hand', { is: 'forbidden' }],
  ])('%s: nothing is made in its stead (%s)', (reason, says, found) => {
    const waiting = { ...first, imported: found }
    expect(step(waiting)).toBeUndefined()
    expect(condition(waiting, 'Ready')).toMatchObject({ status: 'False', reason })
    expect(condition(waiting, 'Ready')?.message).toContain(says)
  })

  it('is not exchanged for another one that lies there later', () => {
    const changed = { ...first, status: { identity: 'b'.repeat(64) }, imported }
    expect(step(changed)).toBeUndefined()
    expect(condition(changed, 'Ready')).toMatchObject({ status: 'False', reason: 'ImportChanged' })
  })

  it('is taken back from the workload like any other, whatever became of the Secret that it came from', () => {
    const handedOut = { is: 'different', pair: found(pair) } as const
    expect(step({ ...first, status: { identity }, handedOut, imported: missing })).toEqual({ do: 'takeBack' })
  })
})

describe('an identity that a person enrols', () => {
  const byHand = { policy: 'team-a_kes-client', configuration: 'policy: …' }
  const waitsFor = { reason: 'EnrolmentAwaited', message: 'add it to KES' }
  const awaited = but({
    handedOut: { is: 'missing' },
    enrolment: known({ policy: false, assigned: false, call: undefined, waitsFor, byHand }),
  })

  it('is waited for, and says what is to be done', () => {
    expect(plan(awaited, now)).toMatchObject({ recheckMs: 15_000, status: { enrol: byHand } })
    expect(step(awaited)).toBeUndefined()
    expect(condition(awaited, 'Enrolled')).toMatchObject({ status: 'False', ...waitsFor })
  })

  it('is handed out after the first real call, whether the controller knows the key or not', () => {
    const worked = but({
      handedOut: { is: 'missing' },
      enrolment: known({ byHand }),
      keyServer: keyServer({}, serverStatus(true, [])),
    })
    expect(plan(worked, now)).toMatchObject({ step: { do: 'handOut' }, status: { enrol: byHand } })
  })

  it('keeps saying so while nobody answers, and stops where it is enrolled by the controller', () => {
    const status = { ...settled.status, enrol: byHand }
    expect(plan(but({ status, enrolment: { is: 'unknown', why: 'timeout' } }), now).status.enrol).toEqual(byHand)
    expect(plan(but({ status }), now).status.enrol).toBeUndefined()
  })
})
