import type { Pod, StatefulSet } from '../../kube/resources.ts'

const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** A pod that has the claim mounted, or is about to: one that is being deleted has it until it is gone. */
export const mountingPod = (pods: readonly Pod[], claimName: string): string | undefined =>
  pods.find(
    (pod) =>
      !isOver(pod) &&
      pod.spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claimName),
  )?.metadata.name

/** Which revision of its set a pod was made from; the set's own controller writes it. */
const revisionLabel = 'controller-revision-hash'

/**
 * Whether a pod waits for something that nobody wants any more. A StatefulSet exchanges a pod only once it was Ready, so after an image
 * that cannot start was taken back, the former one's pod would stay for ever (kubernetes.io, StatefulSets, "Forced rollback").
 *
 * Told by the revision, never by the image: others may rewrite a pod's image, and a pod that is only slow must not be taken away.
 */
export function isStuck(pod: Pod | undefined, set: StatefulSet | undefined): boolean {
  const { updateRevision, observedGeneration } = set?.status ?? {}
  const revision = pod?.metadata.labels?.[revisionLabel]
  if (!pod || revision === undefined || updateRevision === undefined) return false
  const seen = observedGeneration === set?.metadata.generation
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
  return seen && revision !== updateRevision && !ready && pod.metadata.deletionTimestamp === undefined
}
