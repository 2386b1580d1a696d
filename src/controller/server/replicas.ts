import type { KeyServer } from '../../api/keyServer.ts'
import { KesError } from '../../kes/kesError.ts'
import type { ServerKes } from '../../kes/serverClient.ts'
import type { ReplicaDoor } from '../replicaDoor.ts'
import { markerOf } from './configuration.ts'
import type { Observed, ReplicaServer } from './observed.ts'

/** Above this many keys one list is cheaper than a question each. */
const mostQuestions = 32

/** Asks every replica itself. Never throws KesError: a replica that does not answer is a fact. */
export async function askReplicas(
  door: ReplicaDoor,
  keyServer: KeyServer,
  written: string | undefined,
): Promise<ReadonlyMap<string, ReplicaServer>> {
  const { replicas: recorded = [] } = keyServer.status ?? {}
  const answers = await orNone(() =>
    door.eachAsAdmin(keyServer, async (kes, pod): Promise<ReplicaServer> => {
      const version = await kes.version()
      const former = recorded.find((each) => each.pod === pod)?.configHash
      const loaded = await firstLoaded(kes, [written, former])
      return {
        is: 'answering',
        version,
        keystoreReachable: await reachesKeystore(kes),
        loaded,
        certificateNotAfter: kes.peerCertificate()?.notAfter,
      }
    }),
  )
  return new Map(
    answers.map(({ pod, answer }) => [
      pod,
      answer instanceof KesError ? { is: 'unreachable', why: answer.message } : answer,
    ]),
  )
}

/** A key store that hangs makes the status hang, too: KES waits for it before it answers. */
async function reachesKeystore(kes: Pick<ServerKes, 'status'>): Promise<boolean> {
  try {
    return (await kes.status()).keystoreReachable
  } catch (error) {
    if (error instanceof KesError && (error.code === 'Timeout' || error.code === 'ServerError')) return false
    throw error
  }
}

async function firstLoaded(
  kes: Pick<ServerKes, 'readPolicy'>,
  hashes: readonly (string | undefined)[],
): Promise<string | undefined> {
  for (const hash of new Set(hashes))
    if (hash !== undefined && (await kes.readPolicy(markerOf(hash))) !== undefined) return hash
  return undefined
}

/** A replica that reaches the key store; the keys are the same for all. */
export const keyHolder = (replicas: ReadonlyMap<string, ReplicaServer>): string | undefined =>
  [...replicas].find(([, server]) => server.is === 'answering' && server.keystoreReachable)?.[0]

/** Asks that one replica. Throws KesError. */
export async function atReplica<T>(
  door: ReplicaDoor,
  keyServer: KeyServer,
  pod: string,
  ask: (kes: ServerKes) => Promise<T>,
): Promise<T> {
  const answers = await door.eachAsAdmin(keyServer, async (kes, each) =>
    each === pod ? { got: await ask(kes) } : undefined,
  )
  const answer = answers.find((each) => each.pod === pod)?.answer
  if (answer instanceof KesError) throw answer
  if (!answer) throw new KesError('Unreachable', `there is no replica ${pod}`)
  return answer.got
}

/**
 * Which of these keys exist. Only KES's own word counts for one that does not; where it could not answer one, or does
 * not reach its key store, nothing is known to be gone.
 */
export async function keysAt(
  kes: Pick<ServerKes, 'describeKey' | 'listKeys' | 'status'>,
  names: readonly string[],
): Promise<Observed['keys']> {
  const present: string[] = []
  const absent: string[] = []
  try {
    const listed = names.length > mostQuestions ? await listedKeys(kes) : new Set()
    for (const name of names)
      if (listed.has(name) || (await kes.describeKey(name)) !== undefined) present.push(name)
      else absent.push(name)
    // A file key store whose folder is gone has no file of any key (measured), and only the status tells why.
    if (absent.length === 0 || (await kes.status()).keystoreReachable) return { present, absent }
  } catch (error) {
    if (!(error instanceof KesError)) throw error
  }
  return { present, absent: [] }
}

/** Makes each of these keys that does not exist, asked once more. Answers which it made, and the first error there was. */
export async function createKeys(
  kes: Pick<ServerKes, 'describeKey' | 'createKey'>,
  names: readonly string[],
): Promise<{ readonly created: readonly string[]; readonly error: KesError | undefined }> {
  const created: string[] = []
  let first: KesError | undefined
  for (const name of names) {
    try {
      if ((await kes.describeKey(name)) !== undefined) continue
      await kes.createKey(name)
      created.push(name)
    } catch (error) {
      if (!(error instanceof KesError)) throw error
      first ??= error
    }
  }
  return { created, error: first }
}

/** Not every account at a key store may list: then each key is asked for. */
async function listedKeys(kes: Pick<ServerKes, 'listKeys'>): Promise<ReadonlySet<string>> {
  try {
    return new Set((await kes.listKeys('*')).map(({ name }) => name))
  } catch (error) {
    if (error instanceof KesError) return new Set()
    throw error
  }
}

/** Without its Secrets there is no way to any replica. */
async function orNone<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof KesError) return []
    throw error
  }
}
