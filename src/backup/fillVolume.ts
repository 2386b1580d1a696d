import { createHash } from 'node:crypto'
import { annotations } from '../api/names.ts'
import { isApiError } from '../kube/apiError.ts'
import type { Client } from '../kube/client.ts'
import { pause, type Clock } from '../kube/clock.ts'
import type { PodStreams } from '../kube/podStreams.ts'
import { pods, type Pod } from '../kube/resources.ts'
import type { Backup } from './backup.ts'
import { BackupError } from './backupError.ts'
import { launcherSays } from './launcher.ts'
import type { Tell } from './progress.ts'
import { restoreContainer, restorePodName, restorePodOf } from './restorePod.ts'
import { writeTar } from './tar.ts'

export interface FillEdges {
  readonly client: Client
  readonly streams: PodStreams
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly tell: Tell
}

const everyMs = 300
/** An image has to be pulled and a volume to be made. */
const startMs = 300_000
const endMs = 60_000

/**
 * Unpacks the data directory on the volume, by a pod that lives as long as that takes. Done again it changes nothing.
 * Throws `NotRestored` with what the kubelet or the launcher said; the pod is gone in any case.
 */
export async function fillVolume(edges: FillEdges, backup: Backup, image: string): Promise<void> {
  const { client, streams, signal, tell } = edges
  const archive = writeTar([
    ...backup.data.folders.map((path) => ({ path, content: 'folder' as const })),
    ...[...backup.data.files].map(([path, content]) => ({ path, content })),
  ])
  const ref = { namespace: backup.releaseNamespace, name: restorePodName(backup) }
  const sha256 = createHash('sha256').update(archive).digest('hex')
  tell('filling its volume', 0)
  // One that a killed restore left waits for bytes that never come.
  await removed(edges, ref)
  await client.create(pods, restorePodOf(backup, image, sha256))
  try {
    await untilPod(edges, ref, startMs, 'the pod that fills the volume did not start', isRunning)
    try {
      const container = { namespace: ref.namespace, pod: ref.name, container: restoreContainer }
      await streams.attach(container, archive, { signal })
    } catch (error) {
      // Whether it has all it needed the container itself tells.
      if (isApiError(error, 'Aborted', 'Forbidden', 'Unauthorized')) throw error
    }
    tell('filling its volume', archive.length)
    const end = await untilPod(edges, ref, endMs, 'the pod that fills the volume did not end', endOf)
    if (end.exitCode !== 0)
      throw new BackupError('NotRestored', `the volume was not filled: ${launcherSays(end.message ?? '').message}`)
  } finally {
    // Also after Ctrl-C: a claim that a pod still uses is in the way of everybody.
    await removed({ ...edges, signal: new AbortController().signal }, ref)
  }
}

type Ref = { readonly namespace: string; readonly name: string }

const stateOf = (pod: Pod) => pod.status?.containerStatuses?.find(({ name }) => name === restoreContainer)?.state

const isRunning = (pod: Pod): true | undefined =>
  stateOf(pod)?.running !== undefined || stateOf(pod)?.terminated !== undefined ? true : undefined

const endOf = (pod: Pod) => stateOf(pod)?.terminated

/** What keeps a pod from starting, in the words of the scheduler or of the kubelet. */
function obstacle(pod: Pod | undefined): string {
  const unscheduled = pod?.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  const waiting = pod && stateOf(pod)?.waiting
  return [unscheduled?.message, waiting?.reason, waiting?.message, pod?.status?.message].filter(Boolean).join(' ')
}

async function untilPod<T>(
  { client, clock, signal }: FillEdges,
  ref: Ref,
  withinMs: number,
  what: string,
  look: (pod: Pod) => T | undefined,
): Promise<T> {
  const ends = clock.monotonicMs() + withinMs
  for (;;) {
    const pod = await client.get(pods, ref)
    const seen = pod && look(pod)
    if (seen !== undefined) return seen
    signal.throwIfAborted()
    if (pod?.status?.phase === 'Failed' || clock.monotonicMs() > ends)
      throw new BackupError('NotRestored', `${what}: ${obstacle(pod)}`.slice(0, 500))
    await pause(clock, everyMs, signal)
  }
}

async function removed({ client, clock, signal }: FillEdges, ref: Ref): Promise<void> {
  const ends = clock.monotonicMs() + endMs
  for (;;) {
    const pod = await client.get(pods, ref)
    if (!pod) return
    if (pod.metadata.annotations?.[annotations.restoredFrom] === undefined)
      throw new BackupError('InTheWay', `the pod ${ref.name} exists and is not one of a restore`)
    await client.delete(pods, ref)
    if (clock.monotonicMs() > ends) throw new BackupError('NotRestored', `the pod ${ref.name} does not go away`)
    await pause(clock, everyMs, signal)
  }
}
