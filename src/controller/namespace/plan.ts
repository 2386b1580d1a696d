import { isDeepStrictEqual } from 'node:util'
import { annotations, clientSecretName, defaultKeyServer, enabled, labels } from '../../api/names.ts'
import { isKeyName } from '../../api/keyName.ts'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { Plan } from '../reconciler.ts'

/** What is true about one namespace. */
export interface Observed {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly deleting: boolean
  /** The identity that this controller makes for a namespace: called as its Secret is. */
  readonly identity: KesIdentity | undefined
  readonly status: undefined
}

/** Which keys the namespace asks for. */
interface Wishes {
  readonly keyName: string | undefined
  /** Without the prefix of the namespace; none: undefined. */
  readonly keys: readonly string[] | undefined
}

export type Step =
  ({ readonly do: 'createIdentity'; readonly keyServer: string } & Wishes) | ({ readonly do: 'changeKeys' } & Wishes)

/** Name of the identity of a namespace. */
export const identityName = clientSecretName

const idleMs = 10 * 60_000

/**
 * One identity for each namespace that opted in.
 *
 * Taking the label away does nothing here: MinIO in that namespace still needs its identity to read what it wrote. A namespace's
 * KeyServer is chosen once; another choice later is refused with an Event, since the keys lie in the first one.
 */
export function plan({ labels: own, annotations: said, deleting, identity }: Observed): Plan<Step, undefined> {
  const rest = { status: undefined, recheckMs: idleMs }
  if (deleting || own[labels.inject] !== enabled) return rest
  if (refusals({ annotations: said, identity }).some(({ blocks }) => blocks)) return rest
  const keyServer = said[annotations.keyServer] ?? defaultKeyServer
  const wishes = { keyName: said[annotations.keyName], keys: keysOf(said) }
  if (!identity) return { ...rest, step: { do: 'createIdentity', keyServer, ...wishes } }
  // One that is being revoked is made anew when it is gone.
  if (identity.metadata.deletionTimestamp !== undefined) return rest
  const { keyName, keys } = identity.spec
  const same = keyName === wishes.keyName && isDeepStrictEqual(keys ?? [], wishes.keys ?? [])
  return same ? rest : { ...rest, step: { do: 'changeKeys', ...wishes } }
}

/** Further keys as they are written: commas between them, spaces around them do not count. */
function written(said: Observed['annotations']): readonly string[] {
  const names = (said[annotations.keys] ?? '').split(',').map((name) => name.trim())
  return [...new Set(names.filter((name) => name !== ''))]
}

/** As many as a KesIdentity may have (its schema). */
const mostKeys = 200

/** Those that can be followed; in order, so that the same wish is the same list. */
function keysOf(said: Observed['annotations']): readonly string[] | undefined {
  const names = written(said).filter(isKeyName).slice(0, mostKeys).sort()
  return names.length === 0 ? undefined : names
}

/** A wish of the namespace that is not followed: told by an Event, it is no step that could come to rest. */
export interface Refusal {
  readonly reason: 'KeyServerNameInvalid' | 'KeyNameInvalid' | 'KeysInvalid' | 'KeyServerChangeRefused'
  readonly note: string
  /** Nothing is made or changed for the namespace until a person has mended it. */
  readonly blocks: boolean
}

const keyServerName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const shown = (text: string): string => JSON.stringify(text.slice(0, 100))

/** What cannot be followed of what the namespace asks for; whoever may annotate a namespace may have written anything. */
export function refusals({
  annotations: said,
  identity,
}: Pick<Observed, 'annotations' | 'identity'>): readonly Refusal[] {
  const keyServer = said[annotations.keyServer] ?? defaultKeyServer
  const keyName = said[annotations.keyName]
  const current = identity?.spec.keyServerRef.name
  const list: Refusal[] = []
  if (!keyServerName.test(keyServer))
    list.push({
      reason: 'KeyServerNameInvalid',
      note: `the annotation ${annotations.keyServer} is ${shown(keyServer)}, and no KeyServer can be called so`,
      blocks: true,
    })
  else if (current !== undefined && current !== keyServer)
    list.push({
      reason: 'KeyServerChangeRefused',
      note: `the namespace now names the KeyServer ${keyServer}, but its objects are encrypted with keys of ${current}: that one stays`,
      blocks: false,
    })
  if (keyName !== undefined && !isKeyName(keyName))
    list.push({
      reason: 'KeyNameInvalid',
      note: `the annotation ${annotations.keyName} is ${shown(keyName)}: KES takes 1 to 80 letters, digits, "-" and "_"`,
      blocks: true,
    })
  const wrong = written(said).filter((name) => !isKeyName(name))
  if (wrong.length > 0)
    list.push({
      reason: 'KeysInvalid',
      note: `the annotation ${annotations.keys} lists ${shown(wrong.join(', '))}: KES takes letters, digits, "-" and "_", and the prefix of the namespace is put before each name`,
      blocks: false,
    })
  if (written(said).length > mostKeys)
    list.push({
      reason: 'KeysInvalid',
      note: `the annotation ${annotations.keys} lists more than ${mostKeys} keys: list the others in spec.keys of the KeyServer`,
      blocks: false,
    })
  return list
}
