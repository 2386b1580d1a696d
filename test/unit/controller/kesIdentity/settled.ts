import type { Condition, ConditionType } from '../../../../src/api/conditions.ts'
import { revocationFinalizer } from '../../../../src/api/names.ts'
import type { KeyServerStatus } from '../../../../src/api/keyServer.ts'
import { found, missing } from '../../../../src/controller/found.ts'
import type { Enrolment, Observed } from '../../../../src/controller/kesIdentity/observed.ts'
import { plan } from '../../../../src/controller/kesIdentity/plan.ts'
import { identityOfSpki } from '../../../../src/kes/identity.ts'
import { kesIdentity } from '../identities.ts'
import { keyServer } from '../keyServers.ts'
import { newAuthority, now, storedLeaf } from '../pairs.ts'

/** An identity that works, and the words to say what is different about one. */
export const authority = newAuthority()
export const pair = storedLeaf(authority)
export const identity = identityOfSpki(pair.spki)

export const serverStatus = (ready: boolean, keys: readonly string[] = ['team-a_minio']): KeyServerStatus => ({
  keys: [...keys],
  conditions: [
    {
      type: 'Ready',
      status: ready ? 'True' : 'False',
      reason: ready ? 'Ready' : 'KeyLost',
      message: ready ? 'namespaces can use it' : 'the server no longer has a key',
      lastTransitionTime: now.toISOString(),
    },
  ],
})
const enrolled: Enrolment = { is: 'known', policy: true, assigned: true, call: 'succeeded' }

export const world: Observed = {
  identity: kesIdentity({}, { finalizers: [revocationFinalizer] }),
  status: {},
  keyServer: keyServer({}, serverStatus(true)),
  admitted: true,
  keyName: 'team-a_minio',
  keyNameProblem: undefined,
  authorityPem: authority.certificatePem,
  trustPem: authority.certificatePem,
  kept: found(pair),
  issuance: { is: 'ours' },
  keptIdentity: identity,
  handedOut: { is: 'current' },
  policyProblem: undefined,
  imported: undefined,
  importedBelongsTo: undefined,
  enrolment: enrolled,
  withdrawal: undefined,
}
export const settled: Observed = { ...world, status: plan(world, now).status }

export const but = (difference: Partial<Observed>): Observed => ({ ...settled, ...difference })
export const step = (observed: Observed, at: Date = now) => plan(observed, at).step
export const condition = (observed: Observed, type: ConditionType, at: Date = now): Condition | undefined =>
  plan(observed, at).status.conditions?.find((each) => each.type === type)
export const known = (difference: object): Enrolment => ({ ...enrolled, ...difference })
export const lost = { kept: missing, keptIdentity: undefined, enrolment: { is: 'unknown', why: 'no pair' } } as const
