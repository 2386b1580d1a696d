import type { KeyServerStatus } from '../../api/keyServer.ts'
import { recordedAuthority } from '../keyServer/recordedAuthority.ts'
import { checkKey } from '../keyServer/checkKey.ts'
import type { Observed, Replica } from './observed.ts'

/** Keys that were seen and count. Once here they are never made again. */
function keysSeen({ status, keys, wantedKeys }: Observed): readonly string[] {
  const wanted = new Set([checkKey, ...wantedKeys])
  return [...new Set([...(status.keys ?? []), ...keys.present.filter((key) => wanted.has(key))])].sort()
}

const replicaOf = ({ pod, facts, server }: Replica): NonNullable<KeyServerStatus['replicas']>[number] => ({
  pod,
  ...(facts?.startedAt === undefined ? {} : { startedAt: facts.startedAt }),
  ...(server.is === 'answering' && server.loaded !== undefined ? { configHash: server.loaded } : {}),
  ...(server.is === 'answering' && server.certificateNotAfter
    ? { certificateNotAfter: server.certificateNotAfter.toISOString() }
    : {}),
})

/** What the status records for ever: each value the first time it is seen, and never another one; and what is true of the replicas now. */
export function recorded(observed: Observed, now: Date): KeyServerStatus {
  const { status, keyServer, keystore, written, replicas } = observed
  const keys = keysSeen(observed)
  const { generation } = keyServer.metadata
  const versions = replicas.flatMap(({ server }) => (server.is === 'answering' ? server.version : []))
  const problem = keystore.is === 'good' ? undefined : keystore.why
  return {
    ...status,
    endpoint: observed.endpoint,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...recordedAuthority(observed),
    ...(written ? { configuration: { hash: written.hash, ...(problem === undefined ? {} : { problem }) } } : {}),
    ...(versions[0] === undefined ? {} : { version: versions[0] }),
    ...(status.initializedAt !== undefined || !keys.includes(checkKey) ? {} : { initializedAt: now.toISOString() }),
    ...(keys.length === 0 ? {} : { keys: [...keys] }),
    replicas: replicas.filter(({ facts }) => facts !== undefined).map(replicaOf),
  }
}
