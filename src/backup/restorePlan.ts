import type { Backup } from './backup.ts'

/** How something that a restore makes is found: `ours` carries the mark of this very backup, `foreign` anything else of that name. */
export type Presence = 'missing' | 'ours' | 'foreign'

/** What is true in the cluster that a backup is restored into. */
export interface RestoreWorld {
  readonly namespace: 'missing' | 'there'
  readonly keyServer: Presence
  /** Whether the KeyServer has its recorded status again. */
  readonly statusWritten: boolean
  readonly claim: Presence
  /** Whether the volume was seen to hold the keys again. */
  readonly volumeFilled: boolean
  /** By name, each Secret of the backup. */
  readonly secrets: ReadonlyMap<string, Presence>
  /** What else would be in the way, as people would name it: a workload, the file that initialises. */
  readonly leftovers: readonly string[]
  /** By `NAMESPACE/NAME`, each identity of the backup. */
  readonly identities: ReadonlyMap<string, IdentityPresence>
}

/** `statusMissing`: made by a restore that was killed before it wrote the recorded status. */
export type IdentityPresence = 'namespaceMissing' | 'missing' | 'statusMissing' | 'there'

export type RestoreStep =
  | { readonly do: 'createClaim' }
  | { readonly do: 'fillVolume' }
  | { readonly do: 'markFilled' }
  | { readonly do: 'createSecret'; readonly name: string }
  | { readonly do: 'createKeyServer' }
  | { readonly do: 'writeStatus' }
  | { readonly do: 'createIdentity'; readonly identity: string }
  | { readonly do: 'writeIdentityStatus'; readonly identity: string }

export type RestorePlan =
  | { readonly is: 'refused'; readonly inTheWay: readonly string[] }
  | { readonly is: 'step'; readonly step: RestoreStep }
  | { readonly is: 'done'; readonly identitiesLeft: readonly string[] }

/** What one restore knows besides: whether it has just filled the volume, and whether only identities are wanted. */
export interface RestoreMemory {
  readonly filled: boolean
  readonly identitiesOnly: boolean
}

/**
 * The one next step of a restore.
 *
 * The order is the promise. The controller does nothing for a key server whose KeyServer does not exist, so that comes
 * last: by then the volume holds the keys and every Secret is there, and it finds nothing that it would have to make. A
 * kill leaves:
 *
 * - before the volume is marked as filled: a claim, perhaps with the data directory whole, never with half of one (the
 *   launcher renames). The next run fills it again, which changes nothing where it was whole.
 * - before the KeyServer: a claim and Secrets that nobody uses.
 * - between the KeyServer and its status: a server that works. The controller records the same authority, unseal key and
 *   administrators, for they lie there; the unseal key's Secret says that there are keys, so no volume is initialised. What
 *   is missing until the next run is only the list of the keys that there must be.
 *
 * Nothing that exists is ever written over: what does not carry the mark of this backup is in the way, and named.
 */
export function planRestore(backup: Backup, world: RestoreWorld, memory: RestoreMemory): RestorePlan {
  const restored = world.keyServer === 'ours'
  const inTheWay = restored ? [] : obstacles(backup, world)
  if (memory.identitiesOnly && world.keyServer !== 'ours')
    return {
      is: 'refused',
      inTheWay: [`the KeyServer ${backup.keyServer.metadata.name} was not restored from this backup`],
    }
  if (inTheWay.length > 0) return { is: 'refused', inTheWay }
  const step = restored ? undefined : materialStep(world, memory)
  if (step) return { is: 'step', step }
  if (!restored) return { is: 'step', step: { do: 'createKeyServer' } }
  if (!world.statusWritten) return { is: 'step', step: { do: 'writeStatus' } }
  const [identity, is] = [...world.identities].find((each) => ['missing', 'statusMissing'].includes(each[1])) ?? []
  if (identity !== undefined)
    return { is: 'step', step: { do: is === 'missing' ? 'createIdentity' : 'writeIdentityStatus', identity } }
  const identitiesLeft = [...world.identities].flatMap(([key, is]) => (is === 'namespaceMissing' ? [key] : []))
  return { is: 'done', identitiesLeft }
}

function obstacles(backup: Backup, world: RestoreWorld): readonly string[] {
  const { releaseNamespace, claim, keyServer } = backup
  return [
    ...(world.namespace === 'missing' ? [`the namespace ${releaseNamespace} does not exist: make it first`] : []),
    ...(world.keyServer === 'foreign' ? [`the KeyServer ${keyServer.metadata.name} exists`] : []),
    ...(world.claim === 'foreign' ? [`the claim ${claim.name} exists`] : []),
    ...[...world.secrets].flatMap(([name, is]) => (is === 'foreign' ? [`the Secret ${name} exists`] : [])),
    ...world.leftovers.map((what) => `${what} exists`),
  ]
}

function materialStep(world: RestoreWorld, { filled }: RestoreMemory): RestoreStep | undefined {
  if (world.claim === 'missing') return { do: 'createClaim' }
  if (!world.volumeFilled) return { do: filled ? 'markFilled' : 'fillVolume' }
  const name = [...world.secrets].find(([, is]) => is === 'missing')?.[0]
  return name === undefined ? undefined : { do: 'createSecret', name }
}
