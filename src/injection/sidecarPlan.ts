import type { ContainerImage, KeyServerFacts } from './context.ts'
import { addEntries, type Operation, type PatchValue } from './patch.ts'
import { sidecarFor, sidecarVolumeFor } from './sidecar.ts'
import type { SidecarFacts } from './sidecarFacts.ts'

/** The volume of the KES inside the pod, where it is missing. Apart from the container: a pod's volumes are added in one place. */
export const missingVolumes = (pod: unknown, { volume }: SidecarFacts): readonly PatchValue[] =>
  volume === 'missing' ? [sidecarVolumeFor(pod)] : []

/**
 * The container of the KES inside the pod, where it is missing: the last of the init containers, so that it starts after all that
 * prepares the pod's network and before MinIO, and nothing that is there is moved.
 */
export const planContainer = (
  pod: unknown,
  { initContainers, container }: SidecarFacts,
  keyServer: KeyServerFacts,
  standard: ContainerImage,
): readonly Operation[] =>
  addEntries(
    initContainers,
    ['spec', 'initContainers'],
    'last',
    container === 'missing' ? [sidecarFor(pod, keyServer, standard)] : [],
  )
