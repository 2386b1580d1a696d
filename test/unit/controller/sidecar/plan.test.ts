import { describe, expect, it } from 'vitest'
import { issueLeaf } from '../../../../src/controller/leaf.ts'
import { found, missing } from '../../../../src/controller/found.ts'
import { policiesOf } from '../../../../src/controller/sidecar/configuration.ts'
import type { Observed } from '../../../../src/controller/sidecar/observed.ts'
import { plan, problemOf, sidecarNames, wantedContent } from '../../../../src/controller/sidecar/plan.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { readPair } from '../../../../src/pki/pair.ts'
import { after, dayMs, now } from '../pairs.ts'
import { authority, fresh, inPods, issued, keystore } from './world.ts'

const pem = issueLeaf(authority, missing, {
  commonName: 'kes-injector sidecar',
  usages: ['server'],
  ...sidecarNames,
  lifetimeMs: 90 * dayMs,
  now,
})
const withPair: Observed = {
  ...fresh,
  secret: { is: 'ours', content: { configuration: '', files: {} }, pair: found({ ...readPair(pem), pem }) },
}
const settled: Observed = {
  ...withPair,
  secret: {
    ...withPair.secret,
    content: wantedContent(withPair, identityOf(pem.certificatePem)),
  } as Observed['secret'],
}
const usable = { is: 'usable', kind: 'vault', keystore, files: {} } as const
const step = (observed: Observed, at: Date = now) => plan(observed, at).step

describe('planning the configuration of the KES inside the MinIO pods of a namespace', () => {
  it('writes it once the first identity has its key pair', () => {
    expect(step(fresh)).toEqual({ do: 'make' })
    expect(step({ ...fresh, policies: [] })).toBeUndefined()
  })

  it('rests where everything is in place', () => {
    expect(step(settled)).toBeUndefined()
  })

  it.each<[string, Partial<Observed>]>([
    ['another identity joined', { policies: policiesOf(inPods(), [issued('a'), issued('b', { name: 'backup' })]) }],
    ['the key store changed', { keystore: { ...usable, keystore: { ...keystore, more: '' } } }],
    ['a file beside it changed', { keystore: { ...usable, files: { 'keystore.ca.crt': 'x' } } }],
    ['the cache changed', { keyServer: inPods({ cache: { any: '1m', unused: '30s', offline: '1h' } }) }],
  ])('writes another configuration where %s', (_what, change) => {
    expect(step({ ...settled, ...change })).toEqual({ do: 'reconfigure' })
  })

  it('leaves what is written where the key store section cannot be used, and says why', () => {
    const observed: Observed = { ...settled, keystore: { is: 'invalid', why: 'the Secret my-vault, line 3: …' } }
    expect(step(observed)).toBeUndefined()
    expect(problemOf(observed)).toContain('line 3')
  })

  it('renews the certificate when its time has come, whatever became of the key store section', () => {
    const late = after(70 * dayMs)
    expect(step(settled, late)).toEqual({ do: 'renew', why: 'RenewalDue' })
    expect(step({ ...settled, keystore: { is: 'missing', why: 'gone' } }, late)).toEqual({
      do: 'renew',
      why: 'RenewalDue',
    })
  })

  it('makes the Secret again where its pair cannot be read', () => {
    const secret = { is: 'ours', content: undefined, pair: { is: 'broken', why: 'x' } } as const
    expect(step({ ...settled, secret })).toEqual({ do: 'make' })
  })

  it.each<[string, Observed['secret']]>([
    ['is a person’s', { is: 'foreign' }],
    ['may not be touched', { is: 'forbidden' }],
  ])('writes nothing where the Secret %s', (_what, secret) => {
    expect(step({ ...fresh, secret })).toBeUndefined()
    expect(problemOf({ ...fresh, secret })).toContain('kes-sidecar')
  })

  it('issues nothing under an authority that is not the recorded one', () => {
    expect(step({ ...fresh, authorityPem: undefined })).toBeUndefined()
  })

  it('writes nothing that KES would refuse whole: one key pair of two identities', () => {
    const policies = policiesOf(inPods(), [issued('a'), issued('a', { name: 'backup' })])
    expect(step({ ...settled, policies })).toBeUndefined()
    expect(step({ ...fresh, policies })).toBeUndefined()
    expect(problemOf({ ...fresh, policies })).toContain('one key pair')
  })

  it('takes the credentials away with the last identity', () => {
    expect(step({ ...settled, inUse: false })).toEqual({ do: 'remove' })
    expect(step({ ...fresh, inUse: false })).toBeUndefined()
  })
})
