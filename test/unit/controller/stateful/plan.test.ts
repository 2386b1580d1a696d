import { describe, expect, it } from 'vitest'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import type { Observed } from '../../../../src/controller/stateful/observed.ts'
import { checkKey } from '../../../../src/controller/keyServer/checkKey.ts'
import { plan } from '../../../../src/controller/stateful/plan.ts'
import { keyServer } from '../keyServers.ts'
import { after, authorityFacts, dayMs, newAuthority, now } from '../pairs.ts'
import {
  answering,
  authority,
  but,
  condition,
  enclaveAdmin,
  fresh,
  initializedAt,
  kesStartedAt,
  serverPair,
  settled,
  step,
  systemAdmin,
  told,
  unrecorded,
  without,
} from './settled.ts'

describe('a settled key server', () => {
  it('has nothing to do and is looked at again within a minute', () => {
    expect(plan(settled, now)).toEqual({ status: settled.status, recheckMs: 60_000 })
  })

  it('is ready, says why, and remembers what must never change', () => {
    expect(settled.status).toMatchObject({
      endpoint: 'https://kes-default.kes-system.svc:7373',
      observedGeneration: 1,
      authority: { fingerprint: authorityFacts(authority).fingerprint, generation: 1 },
      unsealKey: { fingerprint: 'unseal-1' },
      admin: { system: systemAdmin.identity, enclave: enclaveAdmin.identity },
      initializedAt,
      keys: [checkKey, 'team-a_minio'],
      replicas: [
        {
          pod: 'kes-default-0',
          startedAt: '2025-12-31T00:00:01Z',
          kesStartedAt,
          certificateNotAfter: serverPair.notAfter.toISOString(),
        },
      ],
    })
    const said = Object.fromEntries((settled.status.conditions ?? []).map(({ type, status }) => [type, status]))
    expect(said).toEqual({
      Serving: 'True',
      Initialized: 'True',
      KeysPresent: 'True',
      KeysWarm: 'True',
      DataKeysPredictable: 'False',
      KeyCreationAllowed: 'False',
      UnsealKeyNotBackedUp: 'True',
      AuthorityEnding: 'False',
      Stalled: 'False',
      SingleReplica: 'True',
      Ready: 'True',
    })
  })

  it('does nothing more when it is being deleted', () => {
    const deleting = keyServer({}, undefined, { deletionTimestamp: '2026-01-01T00:00:00Z' })
    expect(step(but({ keyServer: deleting, statefulSet: 'missing' }))).toBeUndefined()
  })
})

describe('bringing a key server up', () => {
  // Each row lacks what its predecessors have made; the server is not there before the last row.
  it.each<[string, Partial<Observed>]>([
    ['createAuthority', { authority: missing, unsealKey: missing, systemAdmin: missing, enclaveAdmin: missing }],
    ['createUnsealKey', { unsealKey: missing, systemAdmin: missing, enclaveAdmin: missing }],
    ['createAdmin', { systemAdmin: missing, enclaveAdmin: missing }],
    ['createAdmin', { enclaveAdmin: missing }],
    ['issueServerCertificate', { serverCertificate: missing, service: 'missing', statefulSet: 'missing' }],
    ['writeInitConfig', { service: 'missing', statefulSet: 'missing' }],
    ['applyService', { initConfig: true, service: 'missing', statefulSet: 'missing' }],
    ['applyStatefulSet', { initConfig: true, statefulSet: 'missing' }],
  ])('next is %s', (next, lacking) => {
    const planned = plan(fresh(lacking), now)
    expect(planned.step).toMatchObject({ do: next })
    expect(planned.recheckMs).toBe(0)
  })

  it('makes the system administrator first, then that of the enclave', () => {
    expect(step(fresh({ systemAdmin: missing, enclaveAdmin: missing }))).toEqual({ do: 'createAdmin', admin: 'system' })
    expect(step(fresh({ enclaveAdmin: missing }))).toEqual({ do: 'createAdmin', admin: 'enclave' })
  })

  it('records each material in the plan that goes on to the next one', () => {
    expect(plan(fresh({ unsealKey: missing }), now).status).toMatchObject({ authority: { generation: 1 } })
    expect(plan(fresh({ serverCertificate: missing }), now).status).toMatchObject({
      unsealKey: { fingerprint: 'unseal-1' },
      admin: { system: systemAdmin.identity, enclave: enclaveAdmin.identity },
    })
  })

  it('records the administrators only together', () => {
    expect(plan(fresh({ enclaveAdmin: missing }), now).status.admin).toBeUndefined()
  })

  it('looks every two seconds for a pod that does not run yet', () => {
    expect(plan(fresh({ initConfig: true }), now)).toMatchObject({ recheckMs: 2_000 })
    expect(step(fresh({ initConfig: true }))).toBeUndefined()
  })

  it('makes the check key before any other and before the server is recorded as initialised', () => {
    const first = but({ initConfig: true, server: answering([]) }, unrecorded)
    expect(step(first)).toEqual({ do: 'createKey', key: checkKey })
    expect(plan(first, now).status.initializedAt).toBeUndefined()
  })

  it('makes no key for others before the status says that the server is initialised', () => {
    const before = but({ initConfig: true, server: answering([checkKey]) }, unrecorded)
    const planned = plan(before, now)
    expect(planned.status.initializedAt).toBe(now.toISOString())
    expect(planned.step).toBeUndefined()
  })

  it('takes the init file away before it makes a key for others', () => {
    const initialised = but({
      status: without('keys'),
      initConfig: true,
      server: answering([checkKey]),
    })
    expect(step(initialised)).toEqual({ do: 'removeInitConfig' })
    expect(step({ ...initialised, initConfig: false })).toEqual({ do: 'createKey', key: 'team-a_minio' })
  })

  it('leaves the init file where the server does not answer', () => {
    expect(step(but({ initConfig: true, server: { is: 'unreachable', why: 'timeout' } }))).toBeUndefined()
  })

  it('keeps the first time at which the server was seen with its data', () => {
    expect(plan(settled, after(dayMs)).status.initializedAt).toBe(initializedAt)
  })
})

describe('keys', () => {
  it('makes one wanted key after the other', () => {
    expect(step(but({ wantedKeys: ['team-a_minio', 'team-b_minio', 'team-c_minio'] }))).toEqual({
      do: 'createKey',
      key: 'team-b_minio',
    })
  })

  it('records keys that are wanted and seen, and no others', () => {
    const { status } = plan(but({ server: answering([checkKey, 'team-a_minio', 'strange']) }), now)
    expect(status.keys).toEqual([checkKey, 'team-a_minio'])
  })

  it('goes on guarding a key that nobody wants any more', () => {
    expect(plan(but({ wantedKeys: [] }), now).status.keys).toContain('team-a_minio')
    expect(condition(but({ wantedKeys: [], server: answering([checkKey]) }), 'Stalled')?.reason).toBe('KeyLost')
  })

  it('makes none while the server does not answer', () => {
    expect(step(but({ wantedKeys: ['new'], server: { is: 'unreachable', why: 'timeout' } }))).toBeUndefined()
  })

  it('says which keys are still to be made', () => {
    const wantedKeys = ['a_1', 'a_2', 'a_3', 'a_4']
    expect(condition(but({ wantedKeys, server: answering([checkKey, 'team-a_minio']) }), 'KeysPresent')).toMatchObject({
      status: 'False',
      reason: 'Creating',
      message: '0 of 4, next a_1',
    })
  })
})

describe('keeping it running', () => {
  it.each<[string, Partial<Observed>]>([
    ['replacePod', { podStuck: true }],
    ['applyService', { service: 'differs' }],
    ['applyService', { service: 'missing' }],
    ['applyStatefulSet', { statefulSet: 'differs' }],
    ['applyStatefulSet', { statefulSet: 'missing' }],
    ['issueServerCertificate', { serverCertificate: missing }],
    ['issueServerCertificate', { serverCertificate: broken('KeyMismatch') }],
    ['issueServerCertificate', { dnsNames: ['kes-default.elsewhere.svc'] }],
    ['issueServerCertificate', { keyServer: keyServer({ certificates: { server: '24h' } }) }],
  ])('%s, where %o', (next, difference) => {
    expect(step(but(difference))).toEqual({ do: next })
  })

  it("renews the server's certificate after two thirds of its life, and not before", () => {
    expect(step(settled, after(54 * dayMs))).toBeUndefined()
    expect(step(settled, after(66 * dayMs))).toEqual({ do: 'issueServerCertificate' })
  })

  it('says which generation it speaks of', () => {
    const changed = but({ keyServer: keyServer({}, undefined, { generation: 2 }) })
    expect(plan(changed, now).status.observedGeneration).toBe(2)
    expect(condition(changed, 'Ready')?.observedGeneration).toBe(2)
  })
})

describe('a server that has lost something', () => {
  const withoutKey = { server: answering([checkKey]) }
  const due = after(80 * dayMs)

  it('still has its certificate renewed: who works goes on working', () => {
    expect(step(but(withoutKey))).toBeUndefined()
    expect(step(but(withoutKey), due)).toEqual({ do: 'issueServerCertificate' })
  })

  it('gets none from an authority that is not the recorded one', () => {
    const other = found({ ...authorityFacts(newAuthority()) })
    expect(step(but({ authority: other }), due)).toBeUndefined()
  })

  it('gets none in the place of one that is gone', () => {
    expect(step(but({ ...withoutKey, serverCertificate: missing }), due)).toBeUndefined()
  })
})

describe('when a server first had its data', () => {
  it('is marked on its unseal key, which outlives the status', () => {
    expect(step(but({ markedAt: undefined }))).toEqual({ do: 'markInitialized' })
  })

  it('is taken from there where the status is gone: an empty volume is then a loss, and never initialised', () => {
    const restored = but({ status: {}, server: { is: 'absent' }, initConfig: false })
    expect(plan(restored, now).status.initializedAt).toBe(initializedAt)
    expect(step(told(restored))).toBeUndefined()
  })
})

describe('who may reach the server', () => {
  it('is said before it is started', () => {
    expect(step(told(fresh({ initConfig: true, networkPolicy: 'missing', statefulSet: 'missing' })))).toEqual({
      do: 'applyNetworkPolicy',
    })
    expect(step(but({ networkPolicy: 'differs' }))).toEqual({ do: 'applyNetworkPolicy' })
  })
})
