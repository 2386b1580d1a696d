import { isTrue, type Condition } from '../../api/conditions.ts'
import { clientSecretName } from '../../api/names.ts'
import { itemsOf, type Seen } from '../seen.ts'
import type { Observed } from './observe.ts'
import { doubtful, failed, ok, type Row } from './row.ts'

/** What has been made of it: key servers, and the namespaces that opted in. */
export function stateRows({ keyServers, namespaces, identities }: Observed): readonly Row[] {
  return [
    ...unseen('key servers', keyServers),
    ...(keyServers.is === 'found' && keyServers.value.length === 0
      ? [failed('key servers', 'there is none: nothing can be encrypted')]
      : []),
    ...itemsOf(keyServers).map(({ metadata, status }) => readyRow(`key server ${metadata.name}`, status?.conditions)),
    ...unseen('namespaces', namespaces),
    ...(namespaces.is === 'found' && namespaces.value.length === 0
      ? [doubtful('namespaces', 'none opted in: kubectl kes inject namespace/NAME')]
      : []),
    ...itemsOf(namespaces).map(({ metadata: { name } }): Row => {
      const what = `namespace ${name}`
      if (identities.is === 'hidden') return { what, result: 'unknown', detail: 'you may not list KesIdentities' }
      const own = itemsOf(identities).find(
        ({ metadata }) => metadata.namespace === name && metadata.name === clientSecretName,
      )
      return own ? readyRow(what, own.status?.conditions) : failed(what, `it has no KesIdentity ${clientSecretName}`)
    }),
  ]
}

const unseen = (what: string, { is }: Seen<unknown>): readonly Row[] =>
  is === 'hidden'
    ? [{ what, result: 'unknown', detail: 'you may not list them' }]
    : is === 'unknownKind'
      ? [failed(what, 'the kind is not installed')]
      : []

function readyRow(what: string, conditions: readonly Condition[] | undefined): Row {
  if (isTrue(conditions, 'Ready')) return ok(what, 'Ready')
  const ready = conditions?.find(({ type }) => type === 'Ready')
  return failed(what, ready ? `${ready.reason}: ${ready.message}` : 'the controller has said nothing of it yet')
}
