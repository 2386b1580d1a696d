import { isTrue } from '../../api/conditions.ts'
import { KesError } from '../../kes/kesError.ts'
import { samePolicy } from '../../kes/policy.ts'
import type { KesDoor } from '../kesDoor.ts'
import type { Enroller, Leaver } from './enroller.ts'
import { policyName } from './names.ts'
import type { Withdrawal } from './observed.ts'
import { policyFor } from './policyFor.ts'
import { realCall, tried } from './realCall.ts'

type Door = Pick<KesDoor, 'as' | 'asAdmin'>

/**
 * A stateful KES: policies and identities are written over its REST API and count at once.
 *
 * `shared`: others enrol there, too, so that what has a policy of our name need not be ours.
 */
export const enrolStateful = (door: Door, shared = false): Enroller => ({
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
  async observeWithdrawal(leaver) {
    if (shared && leaver.hex === undefined)
      return { is: 'unknown', why: 'its pair and its name at KES are lost: nobody can tell it from those of others' }
    try {
      const { policy, identities } = await remains(door, leaver, shared)
      const listed = policy || identities.length > 0
      return { is: 'known', listed, call: listed ? 'notTried' : await refusal(door, leaver) }
    } catch (error) {
      if (error instanceof KesError) return { is: 'unknown', why: error.message }
      throw error
    }
  },
  async withdraw(leaver) {
    const { policy, identities } = await remains(door, leaver, shared)
    await door.asAdmin(leaver.keyServer, async (kes) => {
      for (const each of identities) await kes.deleteIdentity(each)
      if (policy) await kes.deletePolicy(policyName(leaver.identity))
    })
  },
})

/**
 * What the server still has of an identity. Where nobody else enrols, whoever has its policy counts, so that a lost pair or status hides
 * nothing; elsewhere another cluster may have given the policy to an identity of its own, and then both stay.
 */
const remains = (door: Pick<KesDoor, 'asAdmin'>, { identity, keyServer, hex }: Leaver, shared: boolean) =>
  door.asAdmin(keyServer, async (kes) => {
    const name = policyName(identity)
    // An administrator cannot be one of ours, and KES would not delete it.
    const all = (await kes.listIdentities('*')).filter(({ isAdmin }) => !isAdmin)
    const others = shared ? all.filter((each) => each.policy === name && each.identity !== hex) : []
    return {
      policy: others.length === 0 && (await kes.readPolicy(name)) !== undefined,
      identities: all
        .filter((each) => each.identity === hex || (!shared && each.policy === name))
        .map((each) => each.identity),
    }
  })

/** A real call with the pair, on a connection of its own. What keeps it from being answered proves nothing, and is thrown on. */
async function refusal(
  door: Pick<Door, 'as'>,
  { keyServer, pair, keyName }: Leaver,
): Promise<Extract<Withdrawal, { is: 'known' }>['call']> {
  if (!pair) return 'notTried'
  try {
    await door.as(keyServer, pair, (kes) => kes.generate(keyName))
    return 'accepted'
  } catch (error) {
    if (error instanceof KesError && error.code === 'NotAllowed') return 'refused'
    // KES looks at the policy first: who hears that the key is missing was let in.
    if (error instanceof KesError && error.code === 'KeyNotFound') return 'accepted'
    throw error
  }
}
