import { isTrue } from '../../api/conditions.ts'
import { KesError } from '../../kes/kesError.ts'
import { isServerName } from '../../kes/kesName.ts'
import { samePolicy } from '../../kes/policy.ts'
import type { ServerKes } from '../../kes/serverClient.ts'
import type { ReplicaAnswer, ReplicaDoor } from '../replicaDoor.ts'
import type { Enrollee, Enroller, Leaver } from './enroller.ts'
import { keyNameOf } from './keyNameOf.ts'
import { policyName } from './names.ts'
import type { Withdrawal } from './observed.ts'
import { policyFor } from './policyFor.ts'
import { realCall, type RealCall } from './realCall.ts'

/**
 * A current KES of ours: identities stand in its configuration, which the reconciler of the key server writes. So nothing is done here;
 * what is missing is waited for, until every replica has loaded it.
 *
 * A replica without an address counts for nothing: nobody reaches it, and it starts with the newest configuration.
 */
export const enrolServer = (door: ReplicaDoor): Enroller => ({
  async observe(enrollee) {
    const { keyServer, identity, hex } = enrollee
    if (!isTrue(keyServer.status?.conditions, 'Serving'))
      return { is: 'unknown', why: 'no replica of the key server answers' }
    return orUnknown(async () => {
      const name = policyName(identity)
      const wanted = policyFor(identity, keyServer)
      const answers = await door.eachAsAdmin(keyServer, async (kes) => ({
        policy: await hasPolicy(kes, name, wanted),
        assigned: (await kes.describeIdentity(hex))?.policy === name,
      }))
      const counted = answering(answers)
      const missing = counted.filter(({ answer }) => !answer.policy || !answer.assigned).map(({ pod }) => pod)
      const known = {
        is: 'known',
        policy: counted.every(({ answer }) => answer.policy),
        assigned: counted.every(({ answer }) => answer.assigned),
      } as const
      if (missing.length > 0)
        return { ...known, call: undefined, waitsFor: isServerName(name) ? untilLoaded(missing) : nameRefused }
      // Whoever was granted a key is not who makes it: only the call itself can tell whether it is there.
      const keyThere = (keyServer.status?.keys ?? []).includes(enrollee.keyName) || !keyNameOf(identity, keyServer).ours
      return { ...known, call: keyThere ? await tryEach(door, enrollee) : undefined }
    })
  },
  act: () => Promise.resolve(),
  async observeWithdrawal(leaver) {
    return orUnknown(async () => {
      const name = policyName(leaver.identity)
      const answers = await door.eachAsAdmin(leaver.keyServer, async (kes) => ({
        listed:
          (await kes.readPolicy(name)) !== undefined ||
          (leaver.hex !== undefined && (await kes.describeIdentity(leaver.hex))?.policy === name),
      }))
      const listing = answering(answers)
        .filter(({ answer }) => answer.listed)
        .map(({ pod }) => pod)
      return listing.length > 0
        ? { is: 'known', listed: true, call: 'notTried', waitsFor: untilLoaded(listing) }
        : { is: 'known', listed: false, call: await refusedByEach(door, leaver) }
    })
  },
  withdraw: () => Promise.resolve(),
})

const nameRefused = {
  reason: 'NameRefused',
  message: 'a current KES takes no policy of this name: name the KesIdentity with letters, digits and "-" only',
}

const untilLoaded = (pods: readonly string[]) => ({
  reason: 'ConfigurationLoading',
  message: `until ${pods.join(', ')} has loaded it`,
})

async function hasPolicy(
  kes: Pick<ServerKes, 'readPolicy'>,
  name: string,
  wanted: Parameters<typeof samePolicy>[1],
): Promise<boolean> {
  const current = await kes.readPolicy(name)
  return current !== undefined && samePolicy(current, wanted)
}

interface Answered<T> {
  readonly pod: string
  readonly answer: T
}

/** Those that could be asked. Throws the first error of one that has an address and does not answer; `Unreachable` where nobody does. */
function answering<T>(answers: readonly ReplicaAnswer<T>[]): readonly Answered<T>[] {
  const counted = answers.filter(({ answer }) => !isAbsent(answer))
  if (counted.length === 0) throw new KesError('Unreachable', 'no replica of the key server has an address')
  return counted.map(({ pod, answer }) => {
    if (answer instanceof KesError) throw new KesError(answer.code, `${pod}: ${answer.message}`, { cause: answer })
    return { pod, answer }
  })
}

/** The door says so of a pod without an address; a pod that starts refuses connections, and is in no Service yet. */
const isAbsent = (answer: unknown): boolean => answer instanceof KesError && answer.code === 'Unreachable'

async function orUnknown<T>(ask: () => Promise<T>): Promise<T | { readonly is: 'unknown'; readonly why: string }> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof KesError) return { is: 'unknown', why: error.message }
    throw error
  }
}

async function tryEach(door: ReplicaDoor, { keyServer, pair, keyName }: Enrollee): Promise<RealCall> {
  const answers = answering(await door.eachAs(keyServer, pair, (kes) => realCall(kes, keyName)))
  for (const { pod, answer } of answers) if (answer !== 'succeeded') return { failed: `${pod}: ${answer.failed}` }
  return 'succeeded'
}

/** A real call with the pair at every replica. What keeps one from being answered proves nothing, and is thrown on. */
async function refusedByEach(
  door: ReplicaDoor,
  { keyServer, pair, keyName }: Leaver,
): Promise<Extract<Withdrawal, { is: 'known' }>['call']> {
  if (!pair) return 'notTried'
  const answers = await door.eachAs(keyServer, pair, async (kes) => {
    try {
      await kes.generate(keyName)
      return 'accepted'
    } catch (error) {
      if (error instanceof KesError && error.code === 'NotAllowed') return 'refused'
      // KES looks at the policy first: who hears that the key is missing was let in.
      if (error instanceof KesError && error.code === 'KeyNotFound') return 'accepted'
      throw error
    }
  })
  return answering(answers).every(({ answer }) => answer === 'refused') ? 'refused' : 'accepted'
}
