import { describe, expect, it } from 'vitest'
import type { KeyServerStatus } from '../../../../src/api/keyServer.ts'
import type { Observed } from '../../../../src/controller/server/observed.ts'
import { plan, type Step } from '../../../../src/controller/server/plan.ts'
import { after, dayMs, hourMs, now, storedLeaf } from '../pairs.ts'
import { authority, replica, saying, settled } from './settled.ts'

const missing = { is: 'missing' } as const
const stepOf = (observed: Observed, at = now): Step | undefined => plan(observed, at).step
const condition = (observed: Observed, type: string, at = now) =>
  plan(observed, at).status.conditions?.find((each) => each.type === type)

/** Nothing is there but the object and the user's Secret. */
const bare: Observed = {
  ...settled,
  status: {},
  authority: missing,
  admin: missing,
  serverCertificate: missing,
  wanted: undefined,
  written: undefined,
  service: 'missing',
  statefulSet: 'missing',
  budget: 'missing',
  networkPolicy: 'missing',
  replicas: [],
  keys: { present: [], absent: [] },
}
const without = (status: KeyServerStatus, name: keyof KeyServerStatus): KeyServerStatus =>
  Object.fromEntries(Object.entries(status).filter(([key]) => key !== name))

describe('a current KES with nothing left to do', () => {
  it('waits, and says that it is ready', () => {
    expect(plan(settled, now)).toMatchObject({ recheckMs: 30_000, status: settled.status })
    expect(stepOf(settled)).toBeUndefined()
    expect(condition(settled, 'Ready')).toMatchObject({ status: 'True' })
  })
})

describe('a bring-up', () => {
  const written = { ...settled.written, differs: false } as Observed['written']
  it.each<[Step['do'], Partial<Observed>]>([
    ['createAuthority', {}],
    ['issueAdmin', { authority: settled.authority }],
    ['issueServerCertificate', { authority: settled.authority, admin: settled.admin }],
    [
      'writeConfiguration',
      {
        authority: settled.authority,
        admin: settled.admin,
        serverCertificate: settled.serverCertificate,
        wanted: settled.wanted,
      },
    ],
    ['applyNetworkPolicy', { ...settled, status: {}, written, networkPolicy: 'missing', statefulSet: 'missing' }],
    ['applyService', { ...settled, status: {}, written, service: 'missing', statefulSet: 'missing' }],
    ['applyBudget', { ...settled, status: {}, written, budget: 'missing', statefulSet: 'missing' }],
    ['applyStatefulSet', { ...settled, status: {}, written, statefulSet: 'missing' }],
    ['createKeys', { ...settled, status: {}, keys: { present: [], absent: ['kes-injector-check', 'team-a_minio'] } }],
  ])('does %s next', (step, more) => {
    expect(stepOf({ ...bare, ...more })?.do).toBe(step)
  })

  it('starts no pod before there is a configuration for it', () => {
    const noKeystore = {
      ...bare,
      authority: settled.authority,
      admin: settled.admin,
      serverCertificate: settled.serverCertificate,
    }
    const wrong: Observed = { ...noKeystore, keystore: { is: 'wrong', why: 'server-config.yaml, line 2: …' } }
    expect(stepOf(wrong)).toBeUndefined()
    expect(condition(wrong, 'Ready')).toMatchObject({ status: 'False', message: 'server-config.yaml, line 2: …' })
  })

  it('makes the check key first, and others only once that is recorded', () => {
    const absent = ['kes-injector-check', 'team-a_minio']
    const fresh = { ...settled, status: {}, keys: { present: [], absent } }
    expect(stepOf(fresh)).toEqual({ do: 'createKeys', keys: ['kes-injector-check'] })
    const keys = { present: ['kes-injector-check'], absent: ['team-a_minio'] }
    expect(stepOf({ ...settled, status: {}, keys })).toBeUndefined()
    const initialized = plan({ ...settled, status: {}, keys }, now).status
    expect(initialized.initializedAt).toBeDefined()
    expect(stepOf({ ...settled, status: initialized, keys })).toEqual({ do: 'createKeys', keys: ['team-a_minio'] })
  })
})

describe('keys', () => {
  it('are made only where KES itself says that they do not exist', () => {
    const keys = { present: ['kes-injector-check'], absent: [] }
    expect(stepOf({ ...settled, status: { ...settled.status, keys: ['kes-injector-check'] }, keys })).toBeUndefined()
  })

  it('are never made a second time: one that is gone stops everything', () => {
    const lost = { ...settled, keys: { present: ['kes-injector-check'], absent: ['team-a_minio'] } }
    expect(stepOf(lost)).toBeUndefined()
    expect(condition(lost, 'Stalled')).toMatchObject({ status: 'True', reason: 'KeyLost' })
    expect(condition(lost, 'Ready')).toMatchObject({ status: 'False', reason: 'KeyLost' })
  })

  it('are not lost because nobody can look', () => {
    const away = {
      ...settled,
      keys: { present: [], absent: [] },
      replicas: [0, 1].map((n) => saying(n, { keystoreReachable: false })),
    }
    expect(stepOf(away)).toBeUndefined()
    expect(condition(away, 'Stalled')).toMatchObject({ status: 'False' })
    expect(condition(away, 'Serving')).toMatchObject({ status: 'True' })
    expect(condition(away, 'KeystoreReachable')).toMatchObject({ status: 'False' })
    expect(condition(away, 'Ready')).toMatchObject({ status: 'False', reason: 'KeystoreUnreachable' })
  })

  it('whose names KES refuses are said and keep no other one waiting', () => {
    const refused = { ...settled, refusedKeys: ['team-a_-'] }
    expect(condition(refused, 'KeysPresent')).toMatchObject({ status: 'False', reason: 'NameRefused' })
    expect(condition(refused, 'Ready')).toMatchObject({ status: 'True' })
  })
})

describe('an authority', () => {
  it('that was recorded and is gone is not made again', () => {
    const lost = { ...settled, authority: missing }
    expect(stepOf(lost)).toBeUndefined()
    expect(condition(lost, 'Stalled')).toMatchObject({ status: 'True', reason: 'AuthorityLost' })
  })

  it('that is another one issues nothing', () => {
    const status = { ...settled.status, authority: { fingerprint: 'another', notAfter: '', generation: 1 } }
    expect(stepOf({ ...settled, status }, after(80 * dayMs))).toBeUndefined()
  })
})

describe('an issuer elsewhere', () => {
  const { spec } = settled.keyServer
  const issuerRef = { name: 'corp', kind: 'ClusterIssuer', group: 'cert-manager.io' }
  const keyServer = { ...settled.keyServer, spec: { ...spec, certificates: { ...spec.certificates, issuerRef } } }
  const placeholder = { ...bare, keyServer, serverCertificate: settled.serverCertificate }

  it('is asked for a key that lies here, and everything waits until it has answered', () => {
    expect(stepOf({ ...bare, keyServer })).toEqual({ do: 'issueServerCertificate' })
    expect(stepOf({ ...placeholder, issuance: { is: 'none' } })).toEqual({ do: 'requestServerCertificate' })
    const pending: Observed = { ...placeholder, issuance: { is: 'pending', why: 'not approved' } }
    expect(stepOf(pending)).toBeUndefined()
    expect(condition(pending, 'Issued')).toMatchObject({ status: 'False', reason: 'IssuerPending' })
  })

  it('becomes the authority that clients trust by its first answer', () => {
    const chain = { certificatePem: '', authorityPem: authority.certificatePem }
    expect(stepOf({ ...placeholder, issuance: { is: 'issued', chain } })).toEqual({ do: 'recordAuthority' })
  })

  it('does not stop a server that works while it renews', () => {
    const late = after(80 * dayMs)
    const waiting: Observed = { ...settled, keyServer, issuance: { is: 'pending', why: '' } }
    expect(plan(waiting, late).step).toEqual({ do: 'issueAdmin' })
    expect(plan({ ...waiting, admin: { is: 'found', value: storedLeaf(authority, { at: late }) } }, late).step).toBe(
      undefined,
    )
  })
})

describe('a configuration', () => {
  const newer = { hash: 'bbbbbbbbbbbb', keystoreHash: 'kkkkkkkkkkkk' }
  const differing: Observed = {
    ...settled,
    wanted: newer,
    written: { ...settled.wanted, differs: true } as Observed['written'],
  }

  it('is written where another one is wanted, and where somebody wrote into it', () => {
    expect(stepOf(differing)).toEqual({ do: 'writeConfiguration' })
    expect(
      stepOf({ ...settled, written: { hash: 'aaaaaaaaaaaa', keystoreHash: 'kkkkkkkkkkkk', differs: true } }),
    ).toEqual({
      do: 'writeConfiguration',
    })
  })

  it('stays what it was while the key store section is wrong', () => {
    const wrong: Observed = { ...settled, wanted: undefined, keystore: { is: 'wrong', why: 'line 3: …' } }
    expect(stepOf(wrong)).toBeUndefined()
    expect(condition(wrong, 'KeystoreValid')).toMatchObject({ status: 'False', message: 'line 3: …' })
    expect(condition(wrong, 'Serving')).toMatchObject({ status: 'True' })
    expect(plan(wrong, now).status.configuration).toEqual({ hash: 'aaaaaaaaaaaa', problem: 'line 3: …' })
  })

  it('waits while the key store is away: a KES that reloads forgets the keys it remembers', () => {
    const away = { ...differing, replicas: [replica(0), saying(1, { keystoreReachable: false })] }
    expect(stepOf(away)).toBeUndefined()
    expect(condition(away, 'ConfigurationLoaded')).toMatchObject({ status: 'False', reason: 'HeldBack' })
  })

  it('does not wait where another key store section may be the cure, nor where no replica remembers anything', () => {
    const cure = { ...differing, wanted: { ...newer, keystoreHash: 'nnnnnnnnnnnn' } }
    expect(stepOf({ ...cure, replicas: [saying(0, { keystoreReachable: false })] })).toEqual({
      do: 'writeConfiguration',
    })
    const silent = { is: 'unreachable', why: '…' } as const
    expect(stepOf({ ...differing, replicas: [{ ...replica(0), server: silent }] })).toEqual({
      do: 'writeConfiguration',
    })
  })

  it('is told to each pod once, after it was written', () => {
    const untold = { ...settled, replicas: [{ ...replica(0), told: undefined }, replica(1)] }
    expect(stepOf(untold)).toMatchObject({ do: 'tellPods', pods: ['kes-default-0'] })
  })

  it('is loaded only when every replica that answers says so, and after three minutes it was not taken', () => {
    const loading = { ...settled, replicas: [replica(0), saying(1, { loaded: undefined })] }
    expect(condition(loading, 'ConfigurationLoaded')).toMatchObject({ status: 'False', reason: 'Loading' })
    expect(plan(loading, now).recheckMs).toBe(2_000)
    const { status } = plan(loading, now)
    expect(condition({ ...loading, status }, 'ConfigurationLoaded', after(4 * 60_000))).toMatchObject({
      reason: 'NotTaken',
    })
  })
})

describe('certificates', () => {
  const due = after(70 * dayMs)
  const admin = { is: 'found', value: storedLeaf(authority, { at: after(69 * dayMs) }) } as const

  it('are renewed when their time has come, the one of the administrator as well', () => {
    expect(stepOf(settled, after(50 * dayMs))).toBeUndefined()
    expect(stepOf({ ...settled, admin }, due)).toEqual({ do: 'issueServerCertificate' })
    expect(stepOf(settled, due)).toEqual({ do: 'issueAdmin' })
  })

  it('of KES are renewed half an hour before they end at the latest: KES looks every fifteen minutes', () => {
    const serverCertificate = {
      is: 'found',
      value: storedLeaf(authority, { usages: ['server'], dnsNames: settled.dnsNames, lifetimeMs: hourMs }),
    } as const
    const certificates = { ...settled.keyServer.spec.certificates, server: '1h', renewAt: 0.9 }
    const keyServer = { ...settled.keyServer, spec: { ...settled.keyServer.spec, certificates } }
    const hourly = { ...settled, keyServer, serverCertificate, written: undefined, wanted: undefined }
    expect(stepOf(hourly, after(29 * 60_000))).toBeUndefined()
    expect(stepOf(hourly, after(31 * 60_000))).toEqual({ do: 'issueServerCertificate' })
  })

  it('of KES wait while the key store is away, as long as they can', () => {
    const away = { ...settled, admin, replicas: [{ ...saying(0, { keystoreReachable: false }) }] }
    expect(stepOf(away, due)).toBeUndefined()
    expect(stepOf(away, after(90 * dayMs - 20 * 60_000))).toEqual({ do: 'issueServerCertificate' })
  })

  it('of KES are renewed even where something is lost', () => {
    const lost = { ...settled, keys: { present: [], absent: ['team-a_minio'] } }
    expect(stepOf(lost, after(70 * dayMs))).toEqual({ do: 'issueServerCertificate' })
  })
})

describe('one replica of two', () => {
  it('serves, and it is said which one does not', () => {
    const silent = { is: 'unreachable', why: 'no connection to KES (ECONNREFUSED)' } as const
    const one = { ...settled, replicas: [replica(0), { ...replica(1), server: silent }] }
    expect(condition(one, 'Serving')).toMatchObject({ status: 'True', reason: 'SomeAnswering' })
    expect(condition(one, 'Serving')?.message).toContain('kes-default-1: no connection')
    expect(condition(one, 'Ready')).toMatchObject({ status: 'True' })
  })

  it('that does not come up with what is not wanted any more is replaced', () => {
    expect(stepOf({ ...settled, replicas: [replica(0), { ...replica(1), stuck: true }] })).toEqual({
      do: 'replacePod',
      pod: 'kes-default-1',
    })
  })
})

describe('hazards', () => {
  it('are said: keys in clear, a single replica', () => {
    const files: Observed = { ...settled, keystore: { is: 'good', kind: 'fs' } }
    expect(condition(files, 'KeysInClear')).toMatchObject({ status: 'True' })
    expect(condition(settled, 'KeysInClear')).toMatchObject({ status: 'False' })
    expect(condition(settled, 'SingleReplica')).toMatchObject({ status: 'False' })
  })
})

describe('a KeyServer that is being deleted', () => {
  it('is left as it is', () => {
    const { keyServer } = settled
    const metadata = { ...keyServer.metadata, deletionTimestamp: now.toISOString() }
    expect(stepOf({ ...bare, keyServer: { ...keyServer, metadata } })).toBeUndefined()
  })

  it('records once and never another value', () => {
    const status = without(settled.status, 'initializedAt')
    expect(plan({ ...settled, status }, after(hourMs)).status.initializedAt).toBe(after(hourMs).toISOString())
    expect(plan(settled, after(hourMs)).status.initializedAt).toBe(settled.status.initializedAt)
  })
})
