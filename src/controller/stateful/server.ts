import type { KeyServer } from '../../api/keyServer.ts'
import { isPredictable } from '../../kes/dataKeys.ts'
import { KesError } from '../../kes/kesError.ts'
import type { KesDoor } from '../kesDoor.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import type { PodFacts } from '../keyServer/podFacts.ts'
import type { Server } from './observed.ts'
import { startedAt } from './process.ts'

/**
 * Asks the replica itself: since when it runs, which keys it has, which certificate it serves, and once for each process whether its
 * data keys can be computed.
 *
 * The list is what warms it: KES v0.22.3 loads each key that it lists, one after the other, and a key that is loaded is not replaced
 * by a creation. Many different keys loaded at once end the process (facts: KES A.3), so it is asked for before anything else. Where the
 * list takes longer than a call may, the next one goes on from what is loaded.
 */
export async function serverOf(
  door: Pick<KesDoor, 'asAdmin'>,
  keyServer: KeyServer,
  pod: PodFacts | undefined,
  now: () => Date,
): Promise<Server> {
  if (pod?.ip === undefined) return { is: 'absent' }
  const { conditions, replicas } = keyServer.status ?? {}
  const tried = conditions?.some(({ type }) => type === 'DataKeysPredictable') ?? false
  const recorded = replicas?.find((each) => each.pod === pod.name && each.startedAt === pod.startedAt)?.kesStartedAt
  const asked = { forKeys: false }
  try {
    return await door.asAdmin(keyServer, async (kes) => {
      const askedAt = now()
      const { upMs } = await kes.status()
      const process = startedAt(recorded, { askedAt, answeredAt: now(), upMs })
      asked.forKeys = true
      const keys = (await kes.listKeys('*')).map(({ name }) => name)
      // Each process anew: the image may be another one, and whoever keeps a seed keeps it for one process (facts: KES 0.1).
      const due = (!tried || process !== recorded) && keys.includes(checkKey)
      const dataKey = due ? await kes.generate(checkKey) : undefined
      return {
        is: 'answering',
        keys,
        certificateNotAfter: kes.peerCertificate()?.notAfter,
        startedAt: process,
        predictableDataKeys: dataKey && isPredictable(dataKey.plaintext),
      }
    })
  } catch (error) {
    if (!(error instanceof KesError)) throw error
    return asked.forKeys && error.code === 'Timeout'
      ? { is: 'unreachable', why: 'it is still loading its keys, one after the other', loading: true }
      : { is: 'unreachable', why: error.message }
  }
}
