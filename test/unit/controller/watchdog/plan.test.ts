import { describe, expect, it } from 'vitest'
import type { Observed, Watched } from '../../../../src/controller/watchdog/observed.ts'
import { isSuspect, patienceMs, plan } from '../../../../src/controller/watchdog/plan.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'

const now = new Date('2026-06-01T12:34:56Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const minuteMs = 60_000
const readyFor = (ms: number, more: object = {}) => ({
  ...kesIdentity(),
  status: {
    identity: 'b'.repeat(64),
    conditions: [
      { type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime: ago(ms).toISOString() },
    ],
    ...more,
  } as const,
})
const pod = (ms: number, name = 'minio-0') => ({ name, since: ago(ms) })
const planned = (watched: Partial<Watched>, more: Partial<Observed> = {}) =>
  plan(
    {
      keyServer: keyServer(),
      followedSince: ago(60 * minuteMs),
      status: undefined,
      ...more,
      watched: [{ identity: readyFor(60 * minuteMs), seenAt: undefined, pods: undefined, ...watched }],
    },
    now,
  )

describe('an identity that MinIO called with', () => {
  it('is recorded as used, to the hour', () => {
    expect(planned({ seenAt: ago(minuteMs) }).step).toMatchObject({
      lastSeen: '2026-06-01T12:00:00.000Z',
      claim: { type: 'Used', status: 'True', reason: 'CallSeen' },
    })
  })

  it('is not written again within the hour', () => {
    const first = planned({ seenAt: ago(minuteMs) }).step
    const identity = readyFor(60 * minuteMs)
    const known = {
      ...identity,
      status: {
        ...identity.status,
        lastSeen: first?.lastSeen,
        conditions: [...identity.status.conditions, { ...first?.claim, lastTransitionTime: '' }],
      },
    } as Watched['identity']
    expect(planned({ identity: known, seenAt: now }).step).toBeUndefined()
    expect(planned({ identity: known, seenAt: new Date('2026-06-01T13:00:01Z') }).step).toBeDefined()
  })
})

describe('an identity that nobody called with', () => {
  const silent = { pods: [pod(20 * minuteMs)] }

  it('is told, with the pods that run without it', () => {
    const { step } = planned(silent)
    expect(step).toMatchObject({ claim: { status: 'False', reason: 'NeverCalled' }, pods: ['minio-0'] })
    expect(step?.claim.message).toContain('minio-0')
  })

  it('is told once', () => {
    const { step } = planned(silent)
    const identity = readyFor(60 * minuteMs)
    const told = {
      ...identity,
      status: {
        ...identity.status,
        conditions: [...identity.status.conditions, { ...step?.claim, lastTransitionTime: '' }],
      },
    } as Watched['identity']
    expect(planned({ ...silent, identity: told }).step).toBeUndefined()
  })

  it.each<[string, Partial<Watched>, Partial<Observed>]>([
    ['no pod runs', { pods: [] }, {}],
    ['the pod has just started', { pods: [pod(minuteMs)] }, {}],
    ['it was handed out a moment ago', { ...silent, identity: readyFor(minuteMs) }, {}],
    ['the log is followed for a moment only', silent, { followedSince: ago(minuteMs) }],
    ['the log is not followed', silent, { followedSince: undefined }],
    [
      'it was seen before this controller began',
      { ...silent, identity: readyFor(60 * minuteMs, { lastSeen: '2026-01-01T00:00:00Z' }) },
      {},
    ],
    ['it is not Ready', { ...silent, identity: kesIdentity() }, {}],
  ])('is not told while %s', (_why, watched, more) => {
    expect(planned(watched, more).step).toBeUndefined()
  })

  it('is worth looking at pods for only then', () => {
    const identity = readyFor(patienceMs)
    expect(isSuspect({ identity, seenAt: undefined }, ago(patienceMs), now)).toBe(true)
    expect(isSuspect({ identity, seenAt: now }, ago(patienceMs), now)).toBe(false)
    expect(isSuspect({ identity, seenAt: undefined }, ago(patienceMs - 1), now)).toBe(false)
  })
})
