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

export type Step =
  | { readonly do: 'createIdentity'; readonly keyServer: string; readonly keyName: string | undefined }
  | { readonly do: 'changeKeyName'; readonly keyName: string | undefined }

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
  const keyName = said[annotations.keyName]
  if (!identity) return { ...rest, step: { do: 'createIdentity', keyServer, keyName } }
  if (identity.spec.keyName !== keyName) return { ...rest, step: { do: 'changeKeyName', keyName } }
  return rest
}

/** A wish of the namespace that is not followed: told by an Event, it is no step that could come to rest. */
export interface Refusal {
  readonly reason: 'KeyServerNameInvalid' | 'KeyNameInvalid' | 'KeyServerChangeRefused'
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
  return list
}
