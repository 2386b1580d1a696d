import { describe, expect, it } from 'vitest'
import { annotations } from '../../../../src/api/names.ts'
import { found } from '../../../../src/controller/found.ts'
import { keyServer } from '../keyServers.ts'
import { after, dayMs, now } from '../pairs.ts'
import { answering, but, condition, settled } from './settled.ts'

const fingerprint = 'ab12'.repeat(16)
const confirmed = (by: string | undefined) =>
  but({
    keyServer: keyServer({}, undefined, by === undefined ? {} : { annotations: { [annotations.backupConfirmed]: by } }),
    status: { ...settled.status, unsealKey: { fingerprint } },
    unsealKey: found(fingerprint),
  })

describe('an unseal key without a backup', () => {
  it.each<[string | undefined, string, string, string]>([
    [undefined, 'True', 'NotConfirmed', 'kes-injector.io/backup-confirmed=ab12ab12ab12ab12'],
    ['ab12ab12ab12ab12', 'False', 'Confirmed', 'was confirmed'],
    ['ab12ab12ab12ab1', 'True', 'AnotherKey', 'not of this unseal key'],
    [fingerprint, 'True', 'AnotherKey', 'not of this unseal key'],
    ['', 'True', 'AnotherKey', 'not of this unseal key'],
  ])('is told until the very key is confirmed (%s: %s)', (by, status, reason, says) => {
    const said = condition(confirmed(by), 'UnsealKeyNotBackedUp')
    expect(said).toMatchObject({ status, reason })
    expect(said?.message).toContain(says)
  })

  it('does not keep the server from being ready', () => {
    expect(condition(confirmed(undefined), 'Ready')).toEqual(condition(settled, 'Ready'))
  })
})

describe('the end of the authority', () => {
  // It lives for 1825 days in these tests.
  it.each([
    [0, 'False', 'Lasts'],
    [1215, 'False', 'Lasts'],
    [1218, 'True', 'LastThird'],
    [1641, 'True', 'LastThird'],
    [1644, 'True', 'LastTenth'],
    [1900, 'True', 'LastTenth'],
  ])('after %i days is said as %s (%s)', (days, status, reason) => {
    expect(condition(settled, 'AuthorityEnding', after(days * dayMs, now))).toMatchObject({ status, reason })
  })
})

describe('the creation of keys by MinIO', () => {
  it('is told with its hazard where it is allowed', () => {
    const allowing = but({ keyServer: keyServer({ stateful: { allowKeyCreation: true } }) })
    expect(condition(allowing, 'KeyCreationAllowed')).toMatchObject({ status: 'True', reason: 'Hazard' })
    expect(condition(allowing, 'KeyCreationAllowed')?.message).toContain('is lost')
    expect(condition(settled, 'KeyCreationAllowed')?.status).toBe('False')
  })
})

describe('the loading of keys after a start', () => {
  it('is told with how many, and since when', () => {
    expect(condition(settled, 'KeysWarm')).toMatchObject({
      status: 'True',
      message: '2 keys were loaded since KES started at 2025-12-31T00:00:02.000Z',
    })
  })

  it('is told while it lasts, and nobody is sent to the server meanwhile', () => {
    const loading = but({ server: { is: 'unreachable', why: 'it is still loading its keys', loading: true } })
    expect(condition(loading, 'KeysWarm')).toMatchObject({ status: 'False', reason: 'Loading' })
    expect(condition(loading, 'Serving')?.status).toBe('False')
  })

  it('is unknown of a server that does not answer', () => {
    expect(condition(but({ server: { is: 'absent' } }), 'KeysWarm')).toMatchObject({ reason: 'NotAsked' })
  })
})

describe('data keys of another process', () => {
  it('are judged anew, in both directions', () => {
    const server = (predictableDataKeys: boolean) => ({
      server: answering(settled.status.keys ?? [], { predictableDataKeys }),
    })
    const spoilt = but({ ...server(true) })
    expect(condition(spoilt, 'DataKeysPredictable')?.status).toBe('True')
    expect(condition(spoilt, 'Ready')?.status).toBe('False')
    expect(condition(but(server(false)), 'DataKeysPredictable')?.status).toBe('False')
  })
})
