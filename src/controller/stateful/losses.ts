import type { Found } from '../found.ts'
import { authorityLost, lossOf } from '../keyServer/recordedAuthority.ts'
import type { Observed } from './observed.ts'

/** Something that existed and is not there any more, or is not what it was. Going on could only make it worse. */
export interface Loss {
  readonly reason: 'AuthorityLost' | 'UnsealKeyLost' | 'AdminLost' | 'KeyLost' | 'DataLost'
  readonly message: string
}

type Rule = (observed: Observed) => Loss | undefined

const map = <T, U>(from: Found<T>, to: (value: T) => U): Found<U> =>
  from.is === 'found' ? { is: 'found', value: to(from.value) } : from

// There is no recovery of a lost unseal key: what lies on the volume cannot be opened with another one (KES sealed root key).
const unsealKeyLost: Rule = ({ status, unsealKey }) => {
  const how = lossOf(status.unsealKey?.fingerprint, unsealKey)
  return how === undefined
    ? undefined
    : {
        reason: 'UnsealKeyLost',
        message: `the unseal key's Secret ${how}. Restore it from a backup and do not restart KES before: it could not open its keys`,
      }
}

// Neither administrator can be changed by any route of a stateful KES: another key would be a stranger.
const adminLost: Rule = ({ status, systemAdmin, enclaveAdmin }) => {
  const how =
    lossOf(
      status.admin?.enclave,
      map(enclaveAdmin, ({ identity }) => identity),
    ) ??
    lossOf(
      // Empty: taken over without it.
      status.admin?.system === '' ? undefined : status.admin?.system,
      map(systemAdmin, ({ identity }) => identity),
    )
  return how === undefined
    ? undefined
    : {
        reason: 'AdminLost',
        message: `the key pair of an administrator of KES ${how}. Restore its Secret from a backup; MinIO goes on working`,
      }
}

/** How the launcher says that there is no data: without init.yml (taken away after the first start), and at a take-over. */
const noData = ['initialised before', 'it is no data directory of a']

const dataLost: Rule = ({ status, pod }) =>
  status.initializedAt !== undefined && noData.some((words) => pod?.problem?.includes(words))
    ? {
        reason: 'DataLost',
        message:
          'the volume of the key server is empty although it held keys. Attach the former volume or restore a backup',
      }
    : undefined

// A key that is made again under the same name is another key: what the first one encrypted stays unreadable, silently.
const keyLost: Rule = ({ status, server }) => {
  if (server.is !== 'answering') return undefined
  const lost = (status.keys ?? []).filter((name) => !server.keys.includes(name))
  return lost.length === 0
    ? undefined
    : {
        reason: 'KeyLost',
        message: `the server no longer has ${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}. Restore a backup; they are not made again`,
      }
}

const rules: readonly Rule[] = [authorityLost, unsealKeyLost, adminLost, dataLost, keyLost]

/** The first loss there is, or undefined. */
export function loss(observed: Observed): Loss | undefined {
  for (const rule of rules) {
    const answer = rule(observed)
    if (answer) return answer
  }
  return undefined
}
