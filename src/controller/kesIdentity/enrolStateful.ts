import { isTrue } from '../../api/conditions.ts'
import { KesError } from '../../kes/kesError.ts'
import { samePolicy } from '../../kes/policy.ts'
import type { KesDoor } from '../kesDoor.ts'
import type { Enroller } from './enroller.ts'
import { policyName } from './names.ts'
import { policyFor } from './policyFor.ts'
import { realCall, type RealCall } from './realCall.ts'

/** A stateful KES of ours: policies and identities are written over its REST API and count at once. */
export const enrolStateful = (door: KesDoor): Enroller => ({
  async observe({ identity, keyServer, pair, hex, keyName }) {
    if (!isTrue(keyServer.status?.conditions, 'Serving'))
      return { is: 'unknown', why: 'the key server does not answer' }
    try {
      const { policy, assigned } = await door.asAdmin(keyServer, async (kes) => {
        const current = await kes.readPolicy(policyName(identity))
        const known = await kes.describeIdentity(hex)
        return {
          policy: current !== undefined && samePolicy(current, policyFor(identity, keyServer)),
          assigned: known?.policy === policyName(identity),
        }
      })
      const keyThere = (keyServer.status?.keys ?? []).includes(keyName)
      const call =
        policy && assigned && keyThere
          ? await tried(() => door.as(keyServer, pair, (kes) => realCall(kes, keyName)))
          : undefined
      return { is: 'known', policy, assigned, call }
    } catch (error) {
      if (error instanceof KesError) return { is: 'unknown', why: error.message }
      throw error
    }
  },
  async act(step, { identity, keyServer, hex }) {
    await door.asAdmin(keyServer, async (kes) => {
      if (step === 'writePolicy') await kes.writePolicy(policyName(identity), policyFor(identity, keyServer))
      else await kes.assignPolicy(policyName(identity), hex)
    })
  },
})

/** A connection that is refused is an answer to the try as well. */
async function tried(call: () => Promise<RealCall>): Promise<RealCall> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof KesError) return { failed: error.message }
    throw error
  }
}
