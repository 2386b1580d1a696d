import type { Pod } from '../../kube/resources.ts'

export interface PodFacts {
  readonly name: string
  readonly ip: string | undefined
  readonly startedAt: string | undefined
  /** What keeps it from running, in the words of the kubelet or of the program. */
  readonly problem: string | undefined
}

type Container = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]

/** The launcher logs JSON lines; the sentence for people is their `msg`. */
function lastSentence(message: string): string {
  const line = message.trim().split('\n').at(-1) ?? ''
  try {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed === 'object' && parsed !== null && 'msg' in parsed && typeof parsed.msg === 'string')
      return parsed.msg
  } catch {
    // Not one of ours: the line itself is all there is.
  }
  return line.slice(0, 300)
}

function containerProblem({ name, state, lastState, ready }: Container): string | undefined {
  if (ready) return undefined
  const ended = state?.terminated ?? lastState?.terminated
  if (ended && ended.exitCode !== 0)
    return `${name}: ${lastSentence(ended.message ?? ended.reason ?? `exit code ${ended.exitCode}`)}`
  const waiting = state?.waiting
  if (waiting?.message !== undefined) return `${name}: ${waiting.reason ?? 'waiting'}: ${waiting.message.slice(0, 300)}`
  return undefined
}

/** What a pod's status says, as far as it matters to whoever waits for it. */
export function podFacts(pod: Pod): PodFacts {
  const { status } = pod
  const unscheduled = status?.conditions?.find(({ type, status: held }) => type === 'PodScheduled' && held === 'False')
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const running = status?.containerStatuses?.find(({ name }) => name === 'kes')?.state?.running
  return {
    name: pod.metadata.name,
    ip: pod.metadata.deletionTimestamp === undefined ? status?.podIP : undefined,
    startedAt: running?.startedAt,
    problem: unscheduled?.message ?? containers.map(containerProblem).find((problem) => problem !== undefined),
  }
}
