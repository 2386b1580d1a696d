import { kesPort, sidecarContainerName } from '../api/names.ts'
import { canonicalPath } from '../minio/pod.ts'
import { listOf, member, memberAt, textAt } from '../minio/shape.ts'
import { findVolume, type Named } from './podVolume.ts'
import { sidecarFolder, sidecarVolume } from './sidecar.ts'

/** What a pod has at the places of the KES inside it. */
export interface SidecarFacts {
  readonly initContainers: readonly unknown[]
  readonly volumes: readonly unknown[]
  readonly container: Named
  readonly volume: Named
  /** The name of a container that says that it listens on KES's port. */
  readonly portTaken: string | undefined
  readonly hostNetwork: boolean
}

/** Reads a pod; undefined where a list that we would look at or add to is no list. */
export function readSidecar(pod: unknown): SidecarFacts | undefined {
  const [initContainers, containers, volumes] = ['initContainers', 'containers', 'volumes'].map((name) =>
    listOf(memberAt(pod, 'spec', name)),
  )
  if (!initContainers || !containers || !volumes) return undefined
  const isNamed = (each: unknown): boolean => textAt(each, 'name') === sidecarContainerName
  const [named, strangers] = [initContainers.filter(isNamed), containers.filter(isNamed)]
  const others = [...initContainers, ...containers].filter((each) => !isSidecar(each))
  return {
    initContainers,
    volumes,
    container:
      named.length + strangers.length === 0
        ? 'missing'
        : strangers.length === 0 && named.every(isSidecar)
          ? 'ours'
          : 'strange',
    volume: findVolume(volumes, sidecarVolume),
    portTaken: others.filter(listensOnOurs).map((each) => textAt(each, 'name') ?? '')[0],
    hostNetwork: memberAt(pod, 'spec', 'hostNetwork') === true,
  }
}

/** Whether all that we write is there. Image and resources are not compared: another version of ours may have written others. */
export const isWhole = ({ container, volume }: SidecarFacts): boolean => container === 'ours' && volume === 'ours'

const isSidecar = (container: unknown): boolean =>
  textAt(container, 'name') === sidecarContainerName &&
  textAt(container, 'restartPolicy') === 'Always' &&
  (listOf(member(container, 'volumeMounts')) ?? []).some(
    (mount) =>
      textAt(mount, 'name') === sidecarVolume.volume &&
      canonicalPath(textAt(mount, 'mountPath') ?? '') === sidecarFolder,
  )

const listensOnOurs = (container: unknown): boolean =>
  (listOf(member(container, 'ports')) ?? []).some((port) => member(port, 'containerPort') === kesPort)
