import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServerStatus } from '../api/keyServer.ts'
import { annotations } from '../api/names.ts'
import { isApiError } from '../kube/apiError.ts'
import type { Client } from '../kube/client.ts'
import { objectKey } from '../kube/object.ts'
import { kesIdentities, keyServers, persistentVolumeClaims, secrets } from '../kube/resources.ts'
import type { Backup } from './backup.ts'
import { BackupError } from './backupError.ts'
import { fillVolume, type FillEdges } from './fillVolume.ts'
import { observeRestore } from './observeRestore.ts'
import { claimOf, kesIdentityOf, keyServerOf, secretOf } from './restoredObjects.ts'
import { planRestore, type RestoreMemory, type RestoreStep } from './restorePlan.ts'

export interface RestoreEdges extends FillEdges {
  readonly client: Client
  readonly now: () => Date
  /** Told of everything that was made, in the order in which it was made. */
  readonly made: (what: string) => void
}

export interface RestoreOptions {
  readonly identitiesOnly: boolean
  /** Of the key server and of the pod that fills its volume; the one that the backup names where it is undefined. */
  readonly image?: string | undefined
}

export interface Restored {
  /** Identities whose namespaces do not exist: restore them when they do. */
  readonly identitiesLeft: readonly string[]
}

/**
 * Makes a key server again from a backup that was checked. After an error or a kill the same call goes on where it was.
 * Throws `InTheWay` with all that exists and is not from this backup, `NotRestored`, and `ApiError`.
 */
export async function restoreBackup(edges: RestoreEdges, backup: Backup, options: RestoreOptions): Promise<Restored> {
  let memory: RestoreMemory = { filled: false, identitiesOnly: options.identitiesOnly }
  for (let steps = 0; steps < mostSteps(backup); steps++) {
    edges.signal.throwIfAborted()
    const plan = planRestore(backup, await observeRestore(edges.client, backup), memory)
    if (plan.is === 'done') return { identitiesLeft: plan.identitiesLeft }
    if (plan.is === 'refused')
      throw new BackupError('InTheWay', `nothing was written, because ${plan.inTheWay.join(', ')}`)
    await act(edges, backup, plan.step, options)
    if (plan.step.do === 'fillVolume') memory = { ...memory, filled: true }
  }
  throw new BackupError('NotRestored', 'something else keeps changing what is restored: is another restore under way?')
}

/** Each step once, and as often again where the controller writes at the same time. */
const mostSteps = ({ secrets: all, identities }: Backup): number => 20 + 2 * (all.length + 2 * identities.length)

async function act(edges: RestoreEdges, backup: Backup, step: RestoreStep, options: RestoreOptions): Promise<void> {
  const { client, tell, made } = edges
  const { releaseNamespace, claim } = backup
  switch (step.do) {
    case 'createClaim':
      tell('making the claim')
      await client.create(persistentVolumeClaims, claimOf(backup))
      made(`PersistentVolumeClaim ${releaseNamespace}/${claim.name}`)
      return
    case 'fillVolume':
      await fillVolume(edges, backup, options.image ?? backup.server.image)
      made(`the data directory on the volume of ${claim.name}`)
      return
    case 'markFilled': {
      const said = { annotations: { [annotations.volumeFilled]: edges.now().toISOString() } }
      await client.mergePatch(
        persistentVolumeClaims,
        { namespace: releaseNamespace, name: claim.name },
        { metadata: said },
      )
      return
    }
    case 'createSecret': {
      tell('making its Secrets')
      const secret = backup.secrets.find(({ metadata }) => metadata.name === step.name)
      if (secret) await client.create(secrets, secretOf(backup, secret))
      made(`Secret ${releaseNamespace}/${step.name}`)
      return
    }
    case 'createKeyServer':
      tell('making the KeyServer')
      await client.create(keyServers, keyServerOf(backup))
      made(`KeyServer ${backup.keyServer.metadata.name}`)
      return
    case 'writeStatus':
      await writeStatus(client, backup)
      return
    case 'createIdentity': {
      tell('making its identities')
      const identity = identityNamed(backup, step.identity)
      await unlessFirst(client.create<KesIdentity>(kesIdentities, kesIdentityOf(backup, identity)))
      made(`KesIdentity ${step.identity}`)
      return
    }
    case 'writeIdentityStatus': {
      const identity = identityNamed(backup, step.identity)
      const current = await client.get(kesIdentities, identity.metadata)
      const { conditions, observedGeneration, ...recorded } = identity.status ?? {}
      if (current)
        await unlessFirst(
          client.updateStatus<KesIdentity>(kesIdentities, { ...current, status: { ...current.status, ...recorded } }),
        )
      return
    }
  }
}

/** What is recorded for ever; conditions and replicas speak of another cluster. A controller may be writing too: the next look tells. */
async function writeStatus(client: Client, backup: Backup): Promise<void> {
  const { name } = backup.keyServer.metadata
  const current = await client.get(keyServers, { name })
  if (!current) return
  const { conditions, replicas, observedGeneration, endpoint, ...recorded } = backup.keyServer.status ?? {}
  const keys = [...new Set([...(recorded.keys ?? []), ...(current.status?.keys ?? [])])].sort()
  const status: KeyServerStatus = { ...current.status, ...recorded, keys }
  await unlessFirst(client.updateStatus(keyServers, { ...current, status }))
}

/** The controller may be first, with an identity or with a status: it takes the kept key pair, as this would have. The next look tells. */
async function unlessFirst(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists', 'Conflict')) throw error
  }
}

function identityNamed(backup: Backup, key: string): KesIdentity {
  const identity = backup.identities.find((each) => objectKey(each) === key)
  if (!identity) throw new BackupError('NotRestored', `there is no identity ${key} in the backup`)
  return identity
}
