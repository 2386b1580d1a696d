import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { annotations } from '../api/names.ts'
import type { KubeObject, ObjectMeta } from '../kube/object.ts'
import type { PersistentVolumeClaim, Secret } from '../kube/resources.ts'
import type { Backup } from './backup.ts'
import { fingerprintsOf } from './fingerprints.ts'

/** What is made carries the mark of its backup, so that another call of the same restore knows its own work. */
const marked = <T extends KubeObject>({ id }: Backup, object: T): T => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [annotations.restoredFrom]: id } },
})

/** Without what an API server chooses itself. */
function unborn<M extends ObjectMeta>({ uid, ...metadata }: M): Omit<M, 'uid'> {
  return metadata
}

/** The claim of the volume, in the class that people asked for, not in the one that the former cluster chose. */
export function claimOf(backup: Backup): PersistentVolumeClaim {
  const { claim, releaseNamespace, keyServer } = backup
  const wanted = keyServer.spec.stateful?.storage.storageClassName
  return marked(backup, {
    metadata: { name: claim.name, namespace: releaseNamespace, labels: claim.labels },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: claim.size } },
      ...(wanted === undefined || wanted === '' ? {} : { storageClassName: wanted }),
    },
  })
}

export const secretOf = (backup: Backup, secret: Secret): Secret =>
  marked(backup, { ...secret, metadata: { ...unborn(secret.metadata), namespace: backup.releaseNamespace } })

/** Without its status, which is written by itself. There is a backup of it: this one. */
export function keyServerOf(backup: Backup): KeyServer {
  const { status, metadata, ...keyServer } = backup.keyServer
  const confirmed = fingerprintsOf(backup).unsealKey?.slice(0, 16)
  const said = confirmed === undefined ? {} : { [annotations.backupConfirmed]: confirmed }
  return marked(backup, {
    ...keyServer,
    metadata: { ...unborn(metadata), annotations: { ...metadata.annotations, ...said } },
  })
}

/** Without its status, likewise. */
export function kesIdentityOf(backup: Backup, identity: KesIdentity): KesIdentity {
  const { status, metadata, ...rest } = identity
  return marked(backup, { ...rest, metadata: unborn(metadata) })
}
