import { clientSecretName } from '../../api/names.ts'
import type { Pod } from '../../kube/resources.ts'
import { minioContainer } from '../../minio/pod.ts'
import type { RunningPod } from './observed.ts'

/** A pod that mounts the identity's Secret, whoever wrote the volume. */
const mountsIdentity = ({ spec }: Pod): boolean =>
  (spec?.volumes ?? []).some(
    ({ secret, projected }) =>
      secret?.secretName === clientSecretName ||
      (projected?.sources ?? []).some(({ secret: source }) => source?.name === clientSecretName),
  )

/** When MinIO itself last started in it; undefined while it does not run. */
function minioSince({ status }: Pod): Date | undefined {
  const containers = status?.containerStatuses ?? []
  const minio = containers.find(({ name }) => name === minioContainer) ?? containers[0]
  const startedAt = minio?.state?.running?.startedAt
  return startedAt === undefined ? undefined : new Date(startedAt)
}

/** The pods in which a MinIO runs that was given the identity. */
export function connectedPods(pods: readonly Pod[]): readonly RunningPod[] {
  return pods.flatMap((pod) => {
    const since = minioSince(pod)
    const connected = mountsIdentity(pod) && pod.metadata.deletionTimestamp === undefined
    return connected && since ? [{ name: pod.metadata.name, since }] : []
  })
}
