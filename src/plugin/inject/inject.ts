import type { Clock } from '../../kube/clock.ts'
import type { Cluster } from '../cluster.ts'
import { observeInhabitants } from '../explain/namespace.ts'
import { observeObject } from '../explain/observe.ts'
import { observeSurroundings } from '../surroundings.ts'
import type { Told } from '../told.ts'
import { act } from './act.ts'
import type { Plan } from './plan.ts'
import { planInjectNamespace, planUninjectNamespace } from './planNamespace.ts'
import { planInjectTenant, planUninjectTenant } from './planTenant.ts'
import { tellPlan } from './tell.ts'

export interface Target {
  readonly kind: 'namespace' | 'tenant'
  readonly name: string
}

/** Plans to connect, and does it only where `yes` was said and nothing is in the way. Throws PluginError and ApiError. */
export const injectSubject = (cluster: Cluster, target: Target, yes: boolean, clock: Clock): Promise<Told> =>
  carryOut(cluster, target, yes, clock, { namespace: planInjectNamespace, tenant: planInjectTenant })

/** The opposite, as far as there is one. */
export const uninjectSubject = (cluster: Cluster, target: Target, yes: boolean, clock: Clock): Promise<Told> =>
  carryOut(cluster, target, yes, clock, { namespace: planUninjectNamespace, tenant: planUninjectTenant })

interface Planners {
  readonly namespace: typeof planInjectNamespace
  readonly tenant: typeof planInjectTenant
}

async function carryOut(
  cluster: Cluster,
  target: Target,
  yes: boolean,
  clock: Clock,
  planners: Planners,
): Promise<Told> {
  const plan = await planFor(cluster, target, planners)
  const done = yes && plan.action ? await act({ client: cluster.client, clock }, plan.action) : undefined
  return tellPlan(plan, done)
}

async function planFor(cluster: Cluster, { kind, name }: Target, planners: Planners): Promise<Plan> {
  if (kind === 'namespace') {
    const [surroundings, inhabitants] = await Promise.all([
      observeSurroundings(cluster, name),
      observeInhabitants(cluster, name),
    ])
    return planners.namespace(surroundings, inhabitants)
  }
  const [surroundings, observed] = await Promise.all([
    observeSurroundings(cluster, cluster.namespace),
    observeObject(cluster, { kind, name }, cluster.namespace),
  ])
  return planners.tenant(observed, surroundings)
}
