import { pause, type Clock } from '../kube/clock.ts'
import type { Client } from '../kube/client.ts'
import { pods, statefulSets, type Pod } from '../kube/resources.ts'
import { PluginError } from './pluginError.ts'

export interface Hands {
  readonly client: Client
  readonly clock: Clock
}

/** A Tenant, and the Secret that its pods shall mount. */
export interface Restart {
  readonly namespace: string
  readonly tenant: string
  readonly secret: string
}

/** The operator changes its templates within a second; longer means that it does not run. */
const templatesWithinMs = 120_000
/** Measured with four servers: 11 seconds. A slow volume or image takes longer. */
const readyWithinMs = 300_000
const lookEveryMs = 500

const selectorOf = (tenant: string): string => `v1.min.io/tenant=${tenant}`

/**
 * Deletes all MinIO pods of a Tenant at once, when every template of it mounts the Secret: before that, they would be created again as
 * they were. Throws PluginError `Refused` where the operator does not get that far; then the pods are as they were, and the operator
 * rolls them one by one when it does. `done`: what was written before, in a few words.
 */
export async function restartTogether(
  { client, clock }: Hands,
  { namespace, tenant, secret }: Restart,
  done: string,
): Promise<readonly Pod[]> {
  const labelSelector = selectorOf(tenant)
  await until(
    clock,
    templatesWithinMs,
    () => {
      throw new PluginError(
        'Refused',
        `${done}, but the MinIO operator has not changed its StatefulSets. When it has, delete all pods together: ` +
          `kubectl delete pod -n ${namespace} -l ${labelSelector}`,
      )
    },
    async () => {
      const { items } = await client.list(statefulSets, { namespace, labelSelector })
      return items.length > 0 && items.every((each) => mounts(each.spec?.template.spec, secret))
    },
  )
  const running = (await client.list(pods, { namespace, labelSelector })).items
  await Promise.all(
    running.map(({ metadata: { name, uid } }) =>
      client.delete(pods, { namespace, name }, uid === undefined ? {} : { uid }),
    ),
  )
  return running
}

/** Waits until as many other pods as were deleted are Ready. Throws PluginError `Refused` where they are not in time. */
export async function untilBack(
  { client, clock }: Hands,
  { namespace, tenant }: Restart,
  deleted: readonly Pod[],
): Promise<void> {
  const gone = new Set(deleted.map(({ metadata: { uid } }) => uid))
  const labelSelector = selectorOf(tenant)
  await until(
    clock,
    readyWithinMs,
    () => {
      throw new PluginError(
        'Refused',
        `the ${deleted.length} pods were deleted together, and not all of them are Ready again after ` +
          `${readyWithinMs / 60_000} minutes. Why: kubectl kes explain tenant/${tenant} -n ${namespace}`,
      )
    },
    async () => {
      const { items } = await client.list(pods, { namespace, labelSelector })
      const back = items.filter(({ metadata: { uid } }) => !gone.has(uid))
      return back.length >= deleted.length && back.length === items.length && back.every(isReady)
    },
  )
}

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false

/** Whether a pod, or those of a template, mount the Secret. */
export function mounts(spec: Pod['spec'], secret: string): boolean {
  const volumes = spec?.volumes ?? []
  return volumes.some(({ projected }) => projected?.sources?.some((source) => source.secret?.name === secret) ?? false)
}

async function until(clock: Clock, withinMs: number, late: () => never, holds: () => Promise<boolean>): Promise<void> {
  const endsMs = clock.monotonicMs() + withinMs
  while (!(await holds())) {
    if (clock.monotonicMs() > endsMs) late()
    await pause(clock, lookEveryMs, new AbortController().signal)
  }
}
