import { describe, expect, it } from 'vitest'
import { revocationFinalizer } from '../../../../src/api/names.ts'
import { found } from '../../../../src/controller/found.ts'
import { plan } from '../../../../src/controller/kesIdentity/plan.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { kesIdentity } from '../identities.ts'
import { now, storedLeaf } from '../pairs.ts'
import { authority, pair, identity, settled, but, condition, lost } from './settled.ts'

describe('a pair that was imported', () => {
  const identity = kesIdentity({ importSecretRef: { name: 'minio-kes' } }, { finalizers: [revocationFinalizer] })

  it('is told of where cert-manager keeps its Secret and will change the key', () => {
    const kept = but({ identity, importKeptBy: 'minio' })
    expect(condition(kept, 'KeyChangesElsewhere')).toMatchObject({ status: 'True', reason: 'CertManager' })
    expect(condition(kept, 'KeyChangesElsewhere')?.message).toContain('kes-client')
    expect(condition(but({ identity }), 'KeyChangesElsewhere')).toMatchObject({ status: 'False' })
    expect(condition(settled, 'KeyChangesElsewhere')).toBeUndefined()
  })
})

describe('a recorded identity', () => {
  const other = storedLeaf(authority)
  const exchanged = but({
    kept: found(other),
    keptIdentity: identityOfSpki(other.spki),
    handedOut: { is: 'different', pair: found(pair) },
  })

  it('stays recorded where another key lies in its place, which is enrolled nowhere and handed out to nobody', () => {
    const next = plan(exchanged, now)
    expect(next.step).toBeUndefined()
    expect(next.status.identity).toBe(identity)
    expect(condition(exchanged, 'Ready')).toMatchObject({ status: 'False', reason: 'PairExchanged' })
  })

  it('is forgotten only where its pair is gone everywhere and another one can be made', () => {
    const gone = but({ ...lost, handedOut: { is: 'missing' } })
    expect(plan(gone, now).status.identity).toBeUndefined()
    expect(plan({ ...gone, admitted: false }, now).status.identity).toBe(identity)
    expect(plan(but({ ...lost, handedOut: { is: 'different', pair: found(pair) } }), now).status.identity).toBe(
      identity,
    )
  })
})
