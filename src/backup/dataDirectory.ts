import { createHash } from 'node:crypto'
import type { PodStreams } from '../kube/podStreams.ts'
import type { Pod } from '../kube/resources.ts'
import type { DataDirectory, Server } from './backup.ts'
import { BackupError } from './backupError.ts'
import { launcherSays } from './launcher.ts'
import type { Tell } from './progress.ts'
import { readTar } from './tar.ts'

interface Edges {
  readonly streams: PodStreams
  readonly releaseNamespace: string
  readonly signal: AbortSignal
  readonly tell: Tell
}

/** A key is some hundred bytes; the launcher refuses to write more as well. */
const largestDataBytes = 300 * 1024 * 1024

/** What the container that serves was started with: so it is right whatever made the pod. */
export function serverIn(pod: Pod, keyServer: string): Server {
  const container = pod.spec?.containers.find(({ name }) => name === 'kes')
  const args = container?.args ?? []
  const dataPath = args[args.indexOf('--data') + 1]
  const volumePath = container?.volumeMounts?.find(({ name }) => name === 'data')?.mountPath
  if (!container?.image || !args.includes('--data') || dataPath === undefined || volumePath === undefined)
    throw new BackupError('NotBackedUp', `the pod of ${keyServer} is not one that kes-injector made`)
  return { image: container.image, dataPath, volumePath }
}

/** Has the launcher in the pod write the data directory out, and reads it. Throws `NotBackedUp` and `Incomplete`. */
export async function dataOf(edges: Edges, pod: string, { dataPath }: Server): Promise<DataDirectory> {
  const { streams, releaseNamespace, signal, tell } = edges
  let bytes = 0
  tell('reading its volume', bytes)
  const { exitCode, stdout, stderr } = await streams.exec(
    { namespace: releaseNamespace, pod, container: 'kes' },
    ['/launcher', 'export', '--data', dataPath],
    {
      limitBytes: largestDataBytes,
      signal,
      onBytes: (more) => tell('reading its volume', (bytes += more)),
    },
  )
  const said = launcherSays(stderr)
  if (exitCode === 2)
    throw new BackupError(
      'NotBackedUp',
      'the image of the key server has a launcher that cannot export: upgrade the image',
    )
  if (exitCode !== 0)
    throw new BackupError('NotBackedUp', `the launcher could not read the data directory: ${said.message}`)
  if (said.sha256 !== createHash('sha256').update(stdout).digest('hex'))
    throw new BackupError('Incomplete', 'the data directory did not arrive as it was sent: try again')
  const entries = readTar(stdout)
  return {
    folders: entries.flatMap(({ path, content }) => (content === 'folder' ? [path] : [])),
    files: new Map(entries.flatMap(({ path, content }) => (content === 'folder' ? [] : [[path, content] as const]))),
  }
}
