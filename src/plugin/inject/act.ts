import { annotations, labels } from '../../api/names.ts'
import { namespaces } from '../../kube/resources.ts'
import { tenants } from '../resources.ts'
import { restartTogether, type Hands } from '../restartTogether.ts'
import type { Action } from './plan.ts'

/** Carries out what was shown, and only that: an object that changed since is refused by the API server (`Conflict`). */
export async function act(hands: Hands, action: Action): Promise<readonly string[]> {
  const { client } = hands
  const { resourceVersion } = action
  if (action.do === 'label') {
    const metadata = { resourceVersion, labels: { [labels.inject]: action.value } }
    await client.mergePatch(namespaces, { name: action.namespace }, { metadata })
    return [`The namespace ${action.namespace} ${action.value === null ? 'has the label no more' : 'is labelled'}.`]
  }
  const { namespace, tenant, value, restartFor } = action
  const metadata = { resourceVersion, annotations: { [annotations.inject]: value } }
  await client.mergePatch(tenants, { namespace, name: tenant }, { metadata })
  const done = `The Tenant ${tenant} is annotated.`
  if (restartFor === undefined) return [done]
  const deleted = await restartTogether(hands, { namespace, tenant, secret: restartFor }, 'the Tenant is annotated')
  return [done, `Its ${deleted.length} pods were deleted together. When they are Ready: mc admin kms key status ALIAS`]
}
