import { describe, expect, it } from 'vitest'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import type { Existing, Observed } from '../../../../src/controller/stateful/observed.ts'
import { plan } from '../../../../src/controller/stateful/plan.ts'
import { keyServer } from '../keyServers.ts'
import { after, authorityFacts, dayMs, newAuthority, now } from '../pairs.ts'
import { answering, but, condition, enclaveAdmin, fresh, settled, step, systemAdmin } from './settled.ts'

const existing: Existing = {
  unsealKey: found('unseal-1'),
  enclaveAdmin: found(enclaveAdmin),
  systemAdmin: found(systemAdmin),
  authority: 'notGiven',
}
const nothing = { authority: missing, unsealKey: missing, systemAdmin: missing, enclaveAdmin: missing }
const taking = (difference: Partial<Existing> = {}, kept: Partial<Observed> = {}): Observed =>
  fresh({ ...nothing, existing: { ...existing, ...difference }, ...kept })

describe('an image whose tag says that KES cannot read the volume', () => {
  const refused = { image: 'minio/kes:2024-01-11T13-09-29Z', statefulSet: 'differs' as const }

  it('never reaches the StatefulSet: KES runs on, and the way is said', () => {
    expect(plan(but(refused), now)).toMatchObject({ recheckMs: 60_000 })
    expect(step(but(refused))).toBeUndefined()
    expect(condition(but(refused), 'Stalled')).toMatchObject({ status: 'True', reason: 'UpgradeRefused' })
    expect(condition(but(refused), 'Stalled')?.message).toContain('Set spec.stateful.image back')
    expect(condition(but(refused), 'Serving')?.status).toBe('True')
  })

  it('does not keep the certificate from being renewed', () => {
    expect(step(but(refused), after(80 * dayMs))).toEqual({ do: 'issueServerCertificate' })
  })

  it('starts no new server either', () => {
    expect(step(fresh({ ...nothing, ...refused }))).toBeUndefined()
  })

  it('is less than a loss, which is said first', () => {
    expect(condition(but({ ...refused, unsealKey: missing }), 'Stalled')?.reason).toBe('UnsealKeyLost')
  })
})

describe('a volume that another pod has', () => {
  const shared = { mountedBy: 'kes-by-hand', pod: undefined, server: { is: 'absent' } as const }

  it('is left to it: no KES is started beside it, and it is looked at often', () => {
    const waiting = but({ ...shared, statefulSet: 'missing' })
    expect(step(waiting)).toBeUndefined()
    expect(plan(waiting, now).recheckMs).toBe(2_000)
    expect(condition(waiting, 'Stalled')).toMatchObject({ status: 'True', reason: 'VolumeInUse' })
    expect(condition(waiting, 'Ready')?.message).toContain('kes-by-hand')
  })

  it('is left to it also while the own pod still ends: whoever scaled it down wants the volume', () => {
    expect(step(but({ mountedBy: 'kes-volume', statefulSet: 'differs' }))).toBeUndefined()
  })

  it('is used once the pod is gone', () => {
    expect(step(but({ ...shared, mountedBy: undefined, statefulSet: 'differs' }))).toEqual({ do: 'applyStatefulSet' })
  })
})

describe('taking over a server that was made by hand', () => {
  it.each<[string, Observed, object]>([
    ['an authority of its own is made where none is given', taking(), { do: 'createAuthority' }],
    [
      'the given authority is taken',
      taking({ authority: found(authorityFacts(newAuthority())) }),
      { do: 'takeAuthority' },
    ],
    ['the unseal key is taken', taking({}, { authority: settled.authority }), { do: 'takeUnsealKey' }],
    [
      'the system administrator is taken',
      taking({}, { authority: settled.authority, unsealKey: settled.unsealKey }),
      { do: 'takeAdmin', admin: 'system' },
    ],
    [
      'it is left out where it is not given',
      taking({ systemAdmin: 'notGiven' }, { authority: settled.authority, unsealKey: settled.unsealKey }),
      { do: 'takeAdmin', admin: 'enclave' },
    ],
    [
      'nothing is initialised',
      fresh({ existing, initConfig: false, statefulSet: 'missing' }),
      { do: 'applyStatefulSet' },
    ],
  ])('%s', (_what, observed, wanted) => {
    expect(step(observed)).toEqual(wanted)
  })

  it.each<[string, Partial<Existing>, string]>([
    ['the unseal key', { unsealKey: missing }, 'unsealSecretRef is not there'],
    ['a bad unseal key', { unsealKey: broken('key is not base64 of 32 bytes') }, 'cannot be used: key is not base64'],
    ['the administrator', { enclaveAdmin: missing }, 'adminSecretRef is not there'],
    ['the system administrator', { systemAdmin: missing }, 'systemAdminSecretRef is not there'],
    ['the authority', { authority: broken('NotAnAuthority') }, 'importAuthority cannot be used: NotAnAuthority'],
  ])('is refused without %s, before anything is made', (_what, lacking, says) => {
    expect(step(taking(lacking))).toBeUndefined()
    expect(condition(taking(lacking), 'Stalled')).toMatchObject({ reason: 'TakeOverRefused' })
    expect(condition(taking(lacking), 'Stalled')?.message).toContain(says)
  })

  it('no longer needs the originals once they were copied and recorded', () => {
    const gone = { unsealKey: missing, enclaveAdmin: missing, systemAdmin: missing, authority: missing }
    expect(condition(but({ existing: gone }), 'Stalled')?.status).toBe('False')
  })

  it('still stops where a copy is lost, even though the original is there', () => {
    expect(condition(but({ existing, unsealKey: missing }), 'Stalled')?.reason).toBe('UnsealKeyLost')
    expect(step(but({ existing, unsealKey: missing }))).toBeUndefined()
  })

  it('records the enclave alone where the system administrator is not given, and misses nothing later', () => {
    const without = { existing: { ...existing, systemAdmin: 'notGiven' as const }, systemAdmin: missing }
    const { admin: _, ...status } = settled.status
    const recorded = plan(but({ ...without, status }), now).status
    expect(recorded.admin).toEqual({ system: '', enclave: enclaveAdmin.identity })
    expect(condition(but({ ...without, status: recorded }), 'Stalled')?.status).toBe('False')
  })

  it('records every key that it finds, and later only the wanted ones', () => {
    const { keys: _, ...status } = settled.status
    const first = plan(but({ existing, status, server: answering(['by-hand', 'team-a_minio']) }), now)
    expect(first.status.keys).toEqual(['by-hand', 'team-a_minio'])
    const later = plan(but({ existing, server: answering([...(settled.status.keys ?? []), 'strange']) }), now)
    expect(later.status.keys).not.toContain('strange')
  })

  it('tells an empty volume as a loss once it was seen with its data', () => {
    const pod = {
      name: 'kes-default-0',
      ip: undefined,
      startedAt: undefined,
      // As images/kes-stateful/launcher/adopt.go says it.
      problem:
        'adopt: /data/kes does not exist on this volume: it is no data directory of a stateful KES; nothing was written',
    }
    expect(condition(but({ existing, pod, server: { is: 'absent' } }), 'Stalled')?.reason).toBe('DataLost')
    const before = fresh({ existing, pod })
    expect(condition(before, 'Stalled')?.status).toBe('False')
    expect(condition(before, 'Ready')?.message).toContain('no data directory')
  })

  it('is nothing for a server of our own making', () => {
    expect(keyServer().spec.stateful?.existing).toBeUndefined()
    expect(step(fresh(nothing))).toEqual({ do: 'createAuthority' })
  })
})
