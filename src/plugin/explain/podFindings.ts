import { clientSecretName, tenantClientSecretName, tenantServerSecretName } from '../../api/names.ts'
import type { Event, Pod } from '../../kube/resources.ts'
import { startFailureIn } from '../../minio/startFailures.ts'
import { problem, warning, type Finding } from '../told.ts'

/** A pod of MinIO as it runs, and the last words of its container where it failed. */
export interface RunningPod {
  readonly pod: Pod
  readonly container: string
  /** Undefined where it runs, or nobody may read it. Only looked through for known failures, never shown. */
  readonly lastOutput: string | undefined
}

/** Whether the container failed, so that its last words are worth reading. */
export function hasFailed(pod: Pod, container: string): 'now' | 'before' | undefined {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container)
  if (status?.state?.terminated) return 'now'
  return status?.lastState?.terminated && !status.ready ? 'before' : undefined
}

/** What keeps a pod from running, as far as its KMS is the cause. */
export function podFindings({ pod, container, lastOutput }: RunningPod, events: readonly Event[]): readonly Finding[] {
  const name = `pod ${pod.metadata.name}`
  const status = pod.status?.containerStatuses?.find((each) => each.name === container)
  const terminated = status?.state?.terminated ?? status?.lastState?.terminated
  const failure = startFailureIn([terminated?.message ?? '', lastOutput ?? ''].join('\n'))
  if (failure && status?.ready !== true)
    return [problem(`${name}: MinIO does not start: ${failure.sentence} (${failure.code})`)]
  const waiting = status?.state?.waiting?.reason
  if (waiting === 'CrashLoopBackOff' || waiting === 'CreateContainerConfigError')
    return [
      problem(
        `${name}: ${waiting}. Nothing known about KMS stands in what it said; see ` +
          `kubectl logs -n ${pod.metadata.namespace ?? ''} ${pod.metadata.name} -c ${container} --previous`,
      ),
    ]
  if (pod.status?.phase === 'Pending' && waitsForSecret(pod, events))
    return [problem(`${name}: waits for a Secret of kes-injector (FailedMount)`)]
  return status && !status.ready && pod.status?.phase === 'Running' ? [warning(`${name}: is not ready`)] : []
}

const ourSecret = new RegExp(
  `"(?:${[clientSecretName, tenantClientSecretName, tenantServerSecretName].join('|')})" not found`,
)

const waitsForSecret = ({ metadata: { name } }: Pod, events: readonly Event[]): boolean =>
  events.some(
    ({ reason, regarding, note = '' }) => reason === 'FailedMount' && regarding?.name === name && ourSecret.test(note),
  )
