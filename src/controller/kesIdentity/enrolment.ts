import { isTrue } from '../../api/conditions.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { KesError } from '../../kes/kesError.ts'
import { samePolicy } from '../../kes/policy.ts'
import type { Found, StoredPair } from '../found.ts'
import type { KesDoor } from '../kesDoor.ts'
import { policyName } from './names.ts'
import type { Enrolment } from './observed.ts'
import { policyFor } from './policyFor.ts'

interface Question {
  readonly door: KesDoor
  readonly identity: KesIdentity
  readonly keyServer: KeyServer | undefined
  readonly kept: Found<StoredPair>
  readonly keptIdentity: string | undefined
  readonly keyName: string | undefined
}

/** Makes a data key and opens it again, as MinIO does at every write and read. */
async function tryCall({ door, keyServer, kept, keyName }: Question): Promise<'succeeded' | { failed: string }> {
  if (!keyServer || kept.is !== 'found' || keyName === undefined) return { failed: 'there is nothing to try it with' }
  try {
    return await door.as(keyServer, kept.value.pem, async (kes) => {
      const { plaintext, ciphertext } = await kes.generate(keyName)
      const opened = await kes.decrypt(keyName, ciphertext)
      return opened.equals(plaintext) ? 'succeeded' : { failed: 'the data key came back different' }
    })
  } catch (error) {
    if (error instanceof KesError) return { failed: error.message }
    throw error
  }
}

/** Asks the key server what it knows of this identity, and tries it where it should work. */
export async function enrolmentOf(question: Question): Promise<Enrolment> {
  const { door, identity, keyServer, keptIdentity, keyName } = question
  if (!keyServer || keptIdentity === undefined) return { is: 'unknown', why: 'there is no key pair to enrol yet' }
  if (!isTrue(keyServer.status?.conditions, 'Serving')) return { is: 'unknown', why: 'the key server does not answer' }
  try {
    const { policy, assigned } = await door.asAdmin(keyServer, async (kes) => {
      const current = await kes.readPolicy(policyName(identity))
      const known = await kes.describeIdentity(keptIdentity)
      return {
        policy: current !== undefined && samePolicy(current, policyFor(identity, keyServer)),
        assigned: known?.policy === policyName(identity),
      }
    })
    const keyThere = keyName !== undefined && (keyServer.status?.keys ?? []).includes(keyName)
    const call = policy && assigned && keyThere ? await tryCall(question) : undefined
    return { is: 'known', policy, assigned, call }
  } catch (error) {
    if (error instanceof KesError) return { is: 'unknown', why: error.message }
    throw error
  }
}
