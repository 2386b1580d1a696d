import { describe, expect, it } from 'vitest'
import type { Condition } from '../../../../src/api/conditions.ts'
import { found, missing } from '../../../../src/controller/found.ts'
import { planKeyServer, type Observed } from '../../../../src/controller/sidecar/keyServerPlan.ts'
import { authorityFacts, now, newAuthority } from '../pairs.ts'
import { authority, inPods, keystore } from './world.ts'

const facts = authorityFacts(authority)
const fresh: Observed = {
  keyServer: inPods(),
  status: {},
  authority: missing,
  keystore: { is: 'usable', kind: 'vault', keystore, files: {} },
}
const made: Observed = { ...fresh, authority: found(facts) }
const recorded = (change: Partial<Observed> = {}): Observed => {
  const { status } = planKeyServer(made, now)
  return { ...made, status, ...change }
}
const said = (observed: Observed, type: string): Condition | undefined =>
  planKeyServer(observed, now).status.conditions?.find((each) => each.type === type)

describe('planning a KeyServer that runs inside MinIO pods', () => {
  it('makes an authority first, and records it', () => {
    expect(planKeyServer(fresh, now).step).toEqual({ do: 'createAuthority' })
    const { status, step } = planKeyServer(made, now)
    expect(step).toBeUndefined()
    expect(status).toMatchObject({
      endpoint: 'https://127.0.0.1:7373',
      authority: { fingerprint: facts.fingerprint, generation: 1 },
    })
  })

  it('is Ready with an authority and a key store section that can be used', () => {
    expect(said(recorded(), 'Ready')).toMatchObject({ status: 'True' })
  })

  it('says that the credentials of the key store lie where its users are', () => {
    expect(said(recorded(), 'CredentialsShared')).toMatchObject({ status: 'True' })
  })

  it.each<[string, Partial<Observed>, string]>([
    ['Invalid', { keystore: { is: 'invalid', why: 'line 3' } }, 'line 3'],
    ['SecretMissing', { keystore: { is: 'missing', why: 'there is no Secret' } }, 'there is no Secret'],
    ['AuthorityLost', { authority: missing }, 'Restore it'],
    ['AuthorityLost', { authority: found(authorityFacts(newAuthority())) }, 'not the one that was recorded'],
  ])('is not Ready: %s', (reason, change, words) => {
    const ready = said(recorded(change), 'Ready')
    expect(ready).toMatchObject({ status: 'False', reason })
    expect(ready?.message).toContain(words)
  })

  it('goes on renewing for those who work where the key store section became unusable', () => {
    const observed = recorded({ keystore: { is: 'invalid', why: 'x' } })
    expect(said(observed, 'Serving')).toMatchObject({ status: 'True' })
    expect(said(observed, 'KeystoreValid')).toMatchObject({ status: 'False', message: 'x' })
  })

  it('never makes a second authority', () => {
    expect(planKeyServer(recorded({ authority: missing }), now).step).toBeUndefined()
    expect(said(recorded({ authority: missing }), 'Stalled')).toMatchObject({ status: 'True' })
  })

  it('makes nothing where somebody else is to sign: that is not built', () => {
    const keyServer = {
      ...inPods(),
      spec: {
        ...inPods().spec,
        certificates: {
          ...inPods().spec.certificates,
          issuerRef: { name: 'x', kind: 'ClusterIssuer', group: 'cert-manager.io' },
        },
      },
    }
    expect(planKeyServer({ ...fresh, keyServer }, now).step).toBeUndefined()
    expect(said({ ...fresh, keyServer }, 'Ready')).toMatchObject({ reason: 'IssuerNotSupported' })
  })
})
