import type { Clock } from '../../kube/clock.ts'
import type { Cluster } from '../cluster.ts'
import { tellPlan } from '../inject/tell.ts'
import type { Told } from '../told.ts'
import { act } from './act.ts'
import { observeConversion } from './observe.ts'
import { planConvert } from './plan.ts'

/** Plans to convert a Tenant, and does it only where `yes` was said and nothing is in the way. Throws PluginError and ApiError. */
export async function convertTenant(cluster: Cluster, name: string, yes: boolean, clock: Clock): Promise<Told> {
  const plan = planConvert(await observeConversion(cluster, name))
  const done = yes && plan.action ? await act({ client: cluster.client, clock }, plan.action) : undefined
  const told = tellPlan(plan, done)
  return { ...told, data: { ...told.data, change: plan.change } }
}
