import { createHash } from 'node:crypto'
import { annotations } from '../../src/api/names.ts'
import type { Backup } from '../../src/backup/backup.ts'
import { restoreBackup, type RestoreEdges } from '../../src/backup/restore.ts'
import { restorePodName } from '../../src/backup/restorePod.ts'
import type { Client } from '../../src/kube/client.ts'
import { objectKey, type KubeObject, type Resource } from '../../src/kube/object.ts'
import { namespaces, persistentVolumeClaims, pods, secrets } from '../../src/kube/resources.ts'
import { memoryClient, type MemoryClient } from '../unit/controller/memoryClient.ts'

/** The person's machine goes away in the middle of a restore. */
export class Killed extends Error {}

/** A cluster to restore into: an API server in memory, a kubelet that runs the one pod, and what lies on the volume. */
export interface RestoreWorld {
  readonly memory: MemoryClient
  /** SHA-256 of what was unpacked on the volume; undefined while it is empty. */
  readonly onVolume: () => string | undefined
  /** Puts another data directory on the volume, as a disk that was used before has it. */
  readonly useDisk: (sha256: string) => void
  /** Restores, until it is done or killed at its n-th write, before or after that was carried out. */
  readonly restore: (
    backup: Backup,
    kill?: { readonly write: number; readonly moment: 'before' | 'after' },
  ) => Promise<void>
}

export function restoreWorld(...existing: readonly (readonly [Resource, KubeObject])[]): RestoreWorld {
  const memory = memoryClient([namespaces, { metadata: { name: 'kes-injector' } }], ...existing)
  let volume: string | undefined
  let wrong: string | undefined

  const placePod = (pod: KubeObject, state: object): void =>
    memory.place<KubeObject>(pods, { ...pod, status: { containerStatuses: [{ name: 'import', state }] } } as KubeObject)
  const client: Client = {
    ...memory,
    async create(resource, object, options) {
      if (resource.plural === 'keyservers') wrong ??= notReadyFor(memory)
      const made = await memory.create(resource, object, options)
      if (resource.plural === 'pods') placePod(object, { running: {} })
      return made
    },
    async mergePatch(resource, ref, patch) {
      const current = memory.at(resource, ref)
      if (!current) throw new Error(`${objectKey(ref)} went away`)
      const { metadata } = patch as { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } }
      const said = { ...current.metadata.annotations, ...metadata.annotations }
      return memory.update(resource, { ...current, metadata: { ...current.metadata, annotations: said } })
    },
  }
  const soon = (_ms: number, callback: () => void) => {
    queueMicrotask(callback)
    return () => undefined
  }
  const unused = () => Promise.reject(new Error('this test does not need it'))
  const edges = (tell: RestoreEdges['tell']): RestoreEdges => ({
    client,
    streams: {
      exec: unused,
      forward: unused,
      attach: ({ namespace, pod }, input) => {
        const sha256 = createHash('sha256').update(input).digest('hex')
        volume ??= sha256
        const ref = { namespace, name: pod }
        const running = memory.at(pods, ref)
        if (running) placePod(running, { terminated: { exitCode: volume === sha256 ? 0 : 3 } })
        return Promise.resolve()
      },
    },
    clock: { now: () => new Date(0), monotonicMs: () => 0, after: soon },
    now: () => new Date(0),
    signal: new AbortController().signal,
    tell,
    made: () => undefined,
  })

  return {
    memory,
    onVolume: () => volume,
    useDisk: (sha256) => {
      volume = sha256
    },
    async restore(backup, kill) {
      let writes = 0
      let dead = false
      memory.onWrite = (moment) => {
        if (moment === 'before') writes++
        dead ||= kill !== undefined && writes === kill.write && moment === kill.moment
        // A process that is gone removes no pod either.
        if (dead) throw new Killed()
      }
      try {
        await restoreBackup(
          edges(() => undefined),
          backup,
          { identitiesOnly: false },
        )
      } finally {
        memory.onWrite = () => undefined
      }
      if (wrong !== undefined) throw new Error(wrong)
    },
  }

  /** What the controller would find missing at the moment at which it begins to look. */
  function notReadyFor(client: MemoryClient): string | undefined {
    const claim = client.at(persistentVolumeClaims, { namespace: 'kes-injector', name: 'data-kes-default-0' })
    if (claim?.metadata.annotations?.[annotations.volumeFilled] === undefined || volume === undefined)
      return 'the KeyServer was made before its volume was filled'
    const names = ['authority-1', 'unseal', 'enclave-admin', 'system-admin', 'server']
    const missing = names.find(
      (name) => !client.at(secrets, { namespace: 'kes-injector', name: `kes-default-${name}` }),
    )
    return missing === undefined ? undefined : `the KeyServer was made before the Secret ${missing}`
  }
}

export const restorePod = (backup: Backup) => ({ namespace: 'kes-injector', name: restorePodName(backup) })
