import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { annotations, keyServerWorkload } from '../api/names.ts'
import { materialName } from '../controller/keyServer/material.ts'
import type { Client } from '../kube/client.ts'
import { objectKey, type KubeObject } from '../kube/object.ts'
import {
  kesIdentities,
  keyServers,
  namespaces,
  persistentVolumeClaims,
  secrets,
  statefulSets,
  type Secret,
} from '../kube/resources.ts'
import type { Backup } from './backup.ts'
import type { IdentityPresence, Presence, RestoreWorld } from './restorePlan.ts'

/** What is true in the cluster about everything that a restore makes, and about what would be in its way. */
export async function observeRestore(client: Client, backup: Backup): Promise<RestoreWorld> {
  const { releaseNamespace, keyServer } = backup
  const { name } = keyServer.metadata
  const inRelease = (named: string) => ({ namespace: releaseNamespace, name: named })
  const [namespace, there, claim, statefulSet, init] = await Promise.all([
    client.get(namespaces, { name: releaseNamespace }),
    client.get(keyServers, { name }),
    client.get(persistentVolumeClaims, inRelease(backup.claim.name)),
    client.get(statefulSets, inRelease(keyServerWorkload(name))),
    client.get(secrets, inRelease(materialName(name, 'init'))),
  ])
  const foundSecrets = new Map<string, Presence>()
  for (const secret of backup.secrets) {
    const found = await client.get(secrets, inRelease(secret.metadata.name))
    // One that was restored and then changed is not what the backup holds any more.
    foundSecrets.set(secret.metadata.name, found && !sameData(found, secret) ? 'foreign' : presence(found, backup))
  }
  const identities = new Map<string, IdentityPresence>()
  for (const identity of backup.identities) identities.set(objectKey(identity), await lookAt(client, backup, identity))
  return {
    namespace: namespace ? 'there' : 'missing',
    keyServer: presence(there, backup),
    statusWritten: there !== undefined && hasStatus(there, keyServer),
    claim: presence(claim, backup),
    volumeFilled: claim?.metadata.annotations?.[annotations.volumeFilled] !== undefined,
    secrets: foundSecrets,
    leftovers: [
      ...(statefulSet ? [`the StatefulSet ${keyServerWorkload(name)}`] : []),
      ...(init ? [`the Secret ${materialName(name, 'init')}`] : []),
    ],
    identities,
  }
}

async function lookAt(client: Client, backup: Backup, identity: KesIdentity): Promise<IdentityPresence> {
  if (!(await client.get(namespaces, { name: identity.metadata.namespace }))) return 'namespaceMissing'
  const found = await client.get(kesIdentities, identity.metadata)
  if (!found) return 'missing'
  const recorded = identity.status?.identity === undefined || found.status?.identity !== undefined
  return recorded || presence(found, backup) === 'foreign' ? 'there' : 'statusMissing'
}

const sameData = (a: Secret, b: Secret): boolean => {
  const [one, other] = [a.data ?? {}, b.data ?? {}]
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}

const hasStatus = ({ status }: KeyServer, { status: wanted }: KeyServer): boolean =>
  status?.initializedAt !== undefined &&
  status.unsealKey?.fingerprint === wanted?.unsealKey?.fingerprint &&
  (wanted?.keys ?? []).every((key) => status.keys?.includes(key))

const presence = (object: KubeObject | undefined, { id }: Backup): Presence =>
  object === undefined ? 'missing' : object.metadata.annotations?.[annotations.restoredFrom] === id ? 'ours' : 'foreign'
