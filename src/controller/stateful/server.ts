import type { KeyServer } from '../../api/keyServer.ts'
import { isPredictable } from '../../kes/dataKeys.ts'
import { KesError } from '../../kes/kesError.ts'
import type { KesDoor } from '../kesDoor.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import type { PodFacts } from '../keyServer/podFacts.ts'
import type { Server } from './observed.ts'

/** Asks the replica itself: which keys it has, which certificate it serves, and once whether its data keys can be computed. */
export async function serverOf(door: KesDoor, keyServer: KeyServer, pod: PodFacts | undefined): Promise<Server> {
  if (pod?.ip === undefined) return { is: 'absent' }
  const known = keyServer.status?.conditions?.some(({ type }) => type === 'DataKeysPredictable') ?? false
  try {
    return await door.asAdmin(keyServer, async (kes) => {
      const keys = (await kes.listKeys('*')).map(({ name }) => name)
      // The first data key after the first start tells: nobody else has an identity then (facts: KES 0.1).
      const first = !known && keys.includes(checkKey) ? await kes.generate(checkKey) : undefined
      return {
        is: 'answering',
        keys,
        certificateNotAfter: kes.peerCertificate()?.notAfter,
        predictableDataKeys: first && isPredictable(first.plaintext),
      }
    })
  } catch (error) {
    if (error instanceof KesError) return { is: 'unreachable', why: error.message }
    throw error
  }
}
