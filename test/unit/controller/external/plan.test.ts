import { describe, expect, it } from 'vitest'
import type { ConditionType } from '../../../../src/api/conditions.ts'
import type { Observed } from '../../../../src/controller/external/observed.ts'
import { plan } from '../../../../src/controller/external/plan.ts'
import { broken, found, missing } from '../../../../src/controller/found.ts'
import { keyServer } from '../keyServers.ts'
import { authorityFacts, newAuthority, now } from '../pairs.ts'

const ours = authorityFacts(newAuthority())
const urls = ['https://kes-a.example.net:7373', 'https://kes-b.example.net:7373'] as const
const external = (more: object = {}) =>
  keyServer({
    stateful: undefined,
    external: { endpoints: urls, caSecretRef: { name: 'their-ca' }, adminSecretRef: { name: 'admin' }, ...more },
  })
const answering = (url: string) =>
  ({ url, answer: { is: 'answering', version: 'v0.24.0', certificateNotAfter: undefined } }) as const
const silent = (url: string) => ({ url, answer: { is: 'unreachable', why: 'timeout' } }) as const
const admin = (there: readonly string[], gone: readonly string[] = []) =>
  ({ is: 'known', dialect: 'stateful', keys: { there, missing: gone } }) as const

const world: Observed = {
  keyServer: external(),
  status: {},
  trust: found('their certificate'),
  authority: found(ours),
  endpoints: urls.map(answering),
  admin: admin(['team-a_minio']),
  wantedKeys: ['team-a_minio'],
}
const settled: Observed = { ...world, status: plan(world, now).status }
const but = (difference: Partial<Observed>): Observed => ({ ...settled, ...difference })
const step = (observed: Observed) => plan(observed, now).step
const said = (observed: Observed, wanted: ConditionType) =>
  plan(observed, now).status.conditions?.find(({ type }) => type === wanted)

describe('a key server that somebody else runs', () => {
  it('rests when it answers and has its keys, and says where it is dialled', () => {
    expect(plan(settled, now)).toEqual({ status: settled.status, recheckMs: 60_000 })
    expect(settled.status).toMatchObject({
      endpoint: urls.join(','),
      version: 'v0.24.0',
      keys: ['team-a_minio'],
      authority: { fingerprint: ours.fingerprint },
    })
    expect(said(settled, 'Ready')).toMatchObject({ status: 'True' })
    expect(said(settled, 'Serving')).toMatchObject({ status: 'True' })
  })

  it('gets an authority of ours for its clients once, and never another one', () => {
    expect(step({ ...world, authority: missing })).toEqual({ do: 'createAuthority' })
    for (const authority of [missing, broken('unreadable'), found(authorityFacts(newAuthority()))]) {
      expect(step(but({ authority }))).toBeUndefined()
      expect(said(but({ authority }), 'Stalled')).toMatchObject({ status: 'True', reason: 'AuthorityLost' })
      expect(said(but({ authority }), 'Ready')).toMatchObject({ status: 'False', reason: 'AuthorityLost' })
    }
  })

  it('gets a key only where it says itself that there is none, and never one that was seen', () => {
    const more = ['team-a_minio', 'team-b_minio']
    expect(step(but({ wantedKeys: more, admin: admin(['team-a_minio'], ['team-b_minio']) }))).toEqual({
      do: 'createKey',
      key: 'team-b_minio',
    })
    expect(step(but({ wantedKeys: more, admin: admin(['team-a_minio']) }))).toBeUndefined()
    const lost = but({ admin: admin([], ['team-a_minio']) })
    expect(step(lost)).toBeUndefined()
    expect(said(lost, 'Stalled')).toMatchObject({ status: 'True', reason: 'KeyLost' })
  })

  it('gets no key from us where we have no administrator, or one that it does not take', () => {
    for (const each of [{ is: 'none' }, { is: 'refused' }, { is: 'unknown', why: 'timeout' }] as const)
      expect(step(but({ wantedKeys: ['team-c_minio'], admin: each }))).toBeUndefined()
    expect(said(but({ admin: { is: 'none' } }), 'Ready')).toMatchObject({ status: 'True' })
    expect(said(but({ admin: { is: 'refused' } }), 'Ready')).toMatchObject({ status: 'False', reason: 'AdminRefused' })
  })

  it.each<[string, string, Partial<Observed>]>([
    ['AuthorityUnknown', 'there is no such Secret', { trust: missing }],
    [
      'AuthorityUnknown',
      'a PRIVATE KEY block',
      { trust: broken('there is a PRIVATE KEY block among the certificates') },
    ],
    ['Unreachable', 'kes-b.example.net:7373: timeout', { endpoints: urls.map(silent) }],
    ['AdminUnknown', 'timeout', { admin: { is: 'unknown', why: 'timeout' } }],
  ])('is not ready: %s (%s)', (reason, says, difference) => {
    expect(said(but(difference), 'Ready')).toMatchObject({ status: 'False', reason })
    expect(said(but(difference), 'Ready')?.message).toContain(says)
  })

  it('is ready with one endpoint of two, and says that the other is silent', () => {
    const half = but({ endpoints: [silent(urls[0]), answering(urls[1])] })
    expect(said(half, 'Ready')).toMatchObject({ status: 'True' })
    expect(said(half, 'Serving')).toMatchObject({ status: 'False', message: `${urls[0]}: timeout` })
    expect(plan(half, now).recheckMs).toBe(15_000)
  })

  it('is told to be a hazard where MinIO may create keys and it may be a stateful one', () => {
    const allowing = external({ allowKeyCreation: true })
    expect(said(but({ keyServer: allowing }), 'KeyCreationAllowed')).toMatchObject({ status: 'True', reason: 'Hazard' })
    const current = { ...admin(['team-a_minio']), dialect: 'current' } as const
    expect(said(but({ keyServer: allowing, admin: current }), 'KeyCreationAllowed')).toMatchObject({ status: 'False' })
    expect(said(settled, 'KeyCreationAllowed')).toMatchObject({ status: 'False' })
  })
})
