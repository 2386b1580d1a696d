import { annotations, clientSecretName, defaultKeyServer, enabled, labels } from '../../api/names.ts'
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
  const keyServer = said[annotations.keyServer] ?? defaultKeyServer
  const keyName = said[annotations.keyName]
  if (!identity) return { ...rest, step: { do: 'createIdentity', keyServer, keyName } }
  if (identity.spec.keyName !== keyName) return { ...rest, step: { do: 'changeKeyName', keyName } }
  return rest
}

/** The choice that is refused, if there is one: told once by an Event, it is no step that could come to rest. */
export function refusedKeyServer({
  annotations: said,
  identity,
}: Observed): { wanted: string; current: string } | undefined {
  const wanted = said[annotations.keyServer] ?? defaultKeyServer
  const current = identity?.spec.keyServerRef.name
  return current === undefined || current === wanted ? undefined : { wanted, current }
}
