import { annotations, podMountPath, sidecarEndpoint } from '../api/names.ts'
import { kesVariableOrder, type KesVariable } from '../minio/environment.ts'
import { findContainer, minioContainer, nests } from '../minio/pod.ts'
import { annotationOf, listOf, member, memberAt, textOf } from '../minio/shape.ts'
import { readKmsVariables, type Variable } from '../minio/variable.ts'
import { isOurEndpoint, runsInPods, type Surroundings } from './endpoint.ts'
import { findVolume, isOurMount, podFiles, type Named } from './podVolume.ts'
import { isWhole, readSidecar, type SidecarFacts } from './sidecarFacts.ts'

/** What a pod says about MinIO and its KMS, and which of it is ours. */
export interface PodFacts {
  /** Index of MinIO's container in `spec.containers`. */
  readonly container: number
  /** The image of that container, as its author wrote it. */
  readonly image: string | undefined
  readonly env: readonly unknown[]
  readonly envFrom: readonly unknown[]
  readonly volumes: readonly unknown[]
  readonly mounts: readonly unknown[]
  readonly kes: ReadonlyMap<KesVariable, Variable>
  /** A variable that is the user's own way to a KMS: then nothing is ever changed. */
  readonly usersOwn: Variable | undefined
  /** What bears the name of our volume. */
  readonly volume: Named
  readonly mounted: boolean
  /** A path of the container at which our files cannot be, because something else is. */
  readonly collision: string | undefined
  /** What there is of the KES inside the pod; undefined where KES runs elsewhere. */
  readonly sidecar: SidecarFacts | undefined
}

/** The name of the container that is to be connected. */
export const containerName = (pod: unknown): string => annotationOf(pod, annotations.container) ?? minioContainer

/** Whether the pod has the parts that every pod has; the API server refuses one that has not. */
export const isPodShaped = (pod: unknown): boolean => Array.isArray(memberAt(pod, 'spec', 'containers'))

/**
 * Reads a pod: `none` where it has no MinIO; undefined where a list that we would add to is no list.
 *
 * The paths below our mount are ours by their values. A key name is nobody's: see tenantFacts.ts.
 */
export function readPod(pod: unknown, surroundings: Surroundings): PodFacts | 'none' | undefined {
  const found = findContainer(pod, containerName(pod))
  if (!found) return 'none'
  const { index, container } = found
  const env = listOf(member(container, 'env'))
  const envFrom = listOf(member(container, 'envFrom'))
  const mounts = listOf(member(container, 'volumeMounts'))
  const volumes = listOf(memberAt(pod, 'spec', 'volumes'))
  if (!env || !envFrom || !mounts || !volumes) return undefined
  const { kes, foreign } = readKmsVariables(env)
  const inPod = dialsItself(kes.get('endpoint'), surroundings)
  const sidecar = inPod ? readSidecar(pod) : undefined
  if (inPod && !sidecar) return undefined
  const { mounted, collision } = readMounts(container, mounts)
  return {
    container: index,
    image: textOf(container, 'image'),
    env,
    envFrom,
    volumes,
    mounts,
    kes,
    usersOwn: foreign ?? firstForeign(kes, surroundings),
    volume: findVolume(volumes),
    mounted,
    collision,
    sidecar,
  }
}

function firstForeign(kes: PodFacts['kes'], surroundings: Surroundings): Variable | undefined {
  for (const [which, variable] of kes) if (!isOurs[which](variable, surroundings)) return variable
  return undefined
}

const isOurs: Readonly<Record<KesVariable, (variable: Variable, surroundings: Surroundings) => boolean>> = {
  endpoint: isOurEndpoint,
  keyName: ({ literal }) => literal !== undefined,
  certificateFile: ({ literal }) => literal === podFiles.certificateFile,
  keyFile: ({ literal }) => literal === podFiles.keyFile,
  authorityPath: ({ literal }) => literal === podFiles.authorityPath,
}

/** Whether MinIO finds, or will find, its KES inside the pod. */
function dialsItself(endpoint: Variable | undefined, { keyServer }: Surroundings): boolean {
  const inPods = keyServer !== 'unknown' && runsInPods(keyServer)
  return inPods && (endpoint === undefined || endpoint.literal === sidecarEndpoint)
}

/** Whether all that we write is there. */
export const isConnected = ({ kes, volume, mounted, sidecar }: PodFacts): boolean =>
  volume === 'ours' &&
  mounted &&
  kesVariableOrder.every((each) => kes.has(each)) &&
  (sidecar === undefined || isWhole(sidecar))

function readMounts(container: unknown, mounts: readonly unknown[]): Pick<PodFacts, 'mounted' | 'collision'> {
  let mounted = false
  let collision: string | undefined
  for (const each of mounts) {
    if (isOurMount(each)) mounted = true
    else collision ??= inTheWay(textOf(each, 'mountPath'))
  }
  for (const each of listOf(member(container, 'volumeDevices')) ?? [])
    collision ??= inTheWay(textOf(each, 'devicePath'))
  return { mounted, collision }
}

const inTheWay = (path: string | undefined): string | undefined =>
  path !== undefined && nests(path, podMountPath) ? path : undefined
