import { stringify } from 'yaml'
import type { KeyServer } from '../../api/keyServer.ts'
import { isPredictable } from '../../kes/dataKeys.ts'
import type { DataKey } from '../../kes/kes.ts'
import { KesError, type KesErrorCode } from '../../kes/kesError.ts'
import { enrolStateful } from '../kesIdentity/enrolStateful.ts'
import type { Enrollee, Enroller, Leaver } from '../kesIdentity/enroller.ts'
import { policyName } from '../kesIdentity/names.ts'
import type { Enrolment, Withdrawal } from '../kesIdentity/observed.ts'
import { policyFor } from '../kesIdentity/policyFor.ts'
import type { ExternalDoor } from './externalDoor.ts'

type Answer = 'succeeded' | { readonly failed: string; readonly code?: KesErrorCode }

const endpointsOf = ({ spec }: KeyServer): readonly string[] => spec.external?.endpoints ?? []

/** What a person adds to the `policy` section of KES's configuration. */
export function configurationFor({
  identity,
  keyServer,
  hex,
}: Pick<Enrollee, 'identity' | 'keyServer' | 'hex'>): string {
  const { allow, deny } = policyFor(identity, keyServer)
  const entry = { allow, ...(deny.length > 0 ? { deny } : {}), identities: [hex] }
  return stringify({ policy: { [policyName(identity)]: entry } })
}

/** Every KES of somebody else's: by REST where we were given an administrator of a stateful one, and else by the hand of whoever runs it. */
export function enrolExternal(door: ExternalDoor): Enroller {
  async function byRest(keyServer: KeyServer): Promise<boolean> {
    const [first] = endpointsOf(keyServer)
    if (!keyServer.spec.external?.adminSecretRef || first === undefined) return false
    return (await door.dialect(keyServer, first)) === 'stateful'
  }

  const everywhere = ({ keyServer }: { readonly keyServer: KeyServer }): readonly Enroller[] =>
    endpointsOf(keyServer).map((url) => enrolStateful(door.at(url), true))

  async function ask(url: string, { keyServer, pair, keyName }: Enrollee, former: DataKey | undefined) {
    return door
      .at(url)
      .as(keyServer, pair, async (kes): Promise<{ readonly answer: Answer; readonly made: DataKey }> => {
        const made = await kes.generate(keyName)
        if (isPredictable(made.plaintext))
          return { made, answer: { failed: `${url} hands out data keys that anyone can compute (KES before Go 1.20)` } }
        // Also what another endpoint has sealed: two servers with a key each under one name would lose objects.
        for (const each of [made, ...(former ? [former] : [])])
          if (!(await kes.decrypt(keyName, each.ciphertext)).equals(each.plaintext))
            return { made, answer: { failed: `a data key came back different from ${url}` } }
        return { made, answer: 'succeeded' }
      })
  }

  /** A real call at every endpoint; the first that fails is the answer. */
  async function call(who: Enrollee): Promise<Answer> {
    let former: DataKey | undefined
    for (const url of endpointsOf(who.keyServer)) {
      try {
        const { answer, made } = await ask(url, who, former)
        if (answer !== 'succeeded') return answer
        former ??= made
      } catch (error) {
        if (!(error instanceof KesError)) throw error
        return { failed: `${url}: ${error.message}`, code: error.code }
      }
    }
    return 'succeeded'
  }

  async function observeByRest(who: Enrollee): Promise<Enrolment> {
    let [policy, assigned, tried] = [true, true, true]
    for (const enroller of everywhere(who)) {
      const said = await enroller.observe(who)
      if (said.is === 'unknown') return said
      policy &&= said.policy
      assigned &&= said.assigned
      tried &&= said.call !== undefined
    }
    return { is: 'known', policy, assigned, call: tried ? await call(who) : undefined }
  }

  async function observeByHand(who: Enrollee): Promise<Enrolment> {
    const answer = await call(who)
    const byHand = { policy: policyName(who.identity), configuration: configurationFor(who) }
    if (answer === 'succeeded') return { is: 'known', policy: true, assigned: true, call: answer, byHand }
    const { code, failed } = answer
    const awaited = awaitedMessage(code, who)
    if (awaited === undefined)
      return code === undefined || code === 'NotAuthentic'
        ? { is: 'known', policy: true, assigned: true, call: { failed }, byHand }
        : { is: 'unknown', why: failed }
    const waitsFor = { reason: 'EnrolmentAwaited', message: `${awaited} (${failed})` }
    return { is: 'known', policy: false, assigned: false, call: undefined, waitsFor, byHand }
  }

  async function observeWithdrawalByRest(leaver: Leaver): Promise<Withdrawal> {
    const all: Extract<Withdrawal, { is: 'known' }>[] = []
    for (const enroller of everywhere(leaver)) {
      const said = await enroller.observeWithdrawal(leaver)
      if (said.is === 'unknown') return said
      all.push(said)
    }
    const one = (call: 'accepted' | 'notTried') => all.some((each) => each.call === call)
    return {
      is: 'known',
      listed: all.some(({ listed }) => listed),
      call: one('accepted') ? 'accepted' : one('notTried') ? 'notTried' : 'refused',
    }
  }

  async function observeWithdrawalByHand(leaver: Leaver): Promise<Withdrawal> {
    const { identity, pair, hex = '' } = leaver
    if (!pair) return { is: 'unknown', why: `its pair is gone: nobody can try whether KES still knows ${hex}` }
    let accepted = false
    for (const url of endpointsOf(leaver.keyServer)) {
      const answer = await tryToGenerate(door, url, { ...leaver, pair })
      if (typeof answer === 'object') return { is: 'unknown', why: `${url}: ${answer.why}` }
      accepted ||= answer === 'accepted'
    }
    if (!accepted) return { is: 'known', listed: false, call: 'refused' }
    const message = `remove the policy ${policyName(identity)} (identity ${hex}) from the configuration of KES: the finalizer waits until KES refuses it`
    return { is: 'known', listed: false, call: 'accepted', waitsFor: { reason: 'RemovalAwaited', message } }
  }

  /** An administrator that cannot be asked is no reason to say who is to act. */
  async function unlessUnknown<T extends Enrolment | Withdrawal>(
    ask: () => Promise<T>,
  ): Promise<T | { readonly is: 'unknown'; readonly why: string }> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof KesError) return { is: 'unknown', why: error.message }
      throw error
    }
  }

  return {
    observe: (who) =>
      unlessUnknown(async () => ((await byRest(who.keyServer)) ? observeByRest(who) : observeByHand(who))),
    async act(step, who) {
      for (const enroller of everywhere(who)) await enroller.act(step, who)
    },
    observeWithdrawal: (leaver) =>
      unlessUnknown(async () =>
        (await byRest(leaver.keyServer)) ? observeWithdrawalByRest(leaver) : observeWithdrawalByHand(leaver),
      ),
    async withdraw(leaver) {
      for (const enroller of everywhere(leaver)) await enroller.withdraw(leaver)
    },
  }
}

/** What a person has to do, where the answer says that it is theirs. */
function awaitedMessage(code: KesErrorCode | undefined, { identity, keyName }: Enrollee): string | undefined {
  switch (code) {
    case 'NotAllowed':
      return `add status.enrol.configuration to the configuration of KES and have KES read it, or assign the policy ${policyName(identity)} to status.identity`
    case 'KeyNotFound':
      return `create the key ${keyName} at KES`
    default:
      return undefined
  }
}

async function tryToGenerate(
  door: ExternalDoor,
  url: string,
  { keyServer, pair, keyName }: Pick<Enrollee, 'keyServer' | 'pair' | 'keyName'>,
): Promise<'accepted' | 'refused' | { readonly why: string }> {
  try {
    await door.at(url).as(keyServer, pair, (kes) => kes.generate(keyName))
    return 'accepted'
  } catch (error) {
    if (!(error instanceof KesError)) throw error
    if (error.code === 'NotAllowed') return 'refused'
    return error.code === 'KeyNotFound' ? 'accepted' : { why: error.message }
  }
}
