import { clientSecretName } from '../../api/names.ts'
import { tenants } from '../resources.ts'
import { restartTogether, untilBack, type Hands } from '../restartTogether.ts'
import type { ConvertAction } from './plan.ts'

/**
 * Carries out what was shown: one write of the Tenant, then all its pods together, then until they are Ready. A Tenant that changed since
 * is refused by the API server (`Conflict`). Whoever ends it in between can ask for the rest by saying it again.
 */
export async function act(hands: Hands, action: ConvertAction): Promise<readonly string[]> {
  const { namespace, tenant } = action
  const done = action.do === 'convert' ? [`The Tenant ${tenant} is converted.`] : []
  if (action.do === 'convert') {
    const { resourceVersion, spec } = action
    await hands.client.mergePatch(tenants, { namespace, name: tenant }, { metadata: { resourceVersion }, spec })
  }
  const restart = { namespace, tenant, secret: clientSecretName }
  const deleted = await restartTogether(hands, restart, 'the Tenant is converted')
  await untilBack(hands, restart, deleted)
  return [
    ...done,
    `Its ${deleted.length} pods were deleted together and are Ready again. That says nothing of KMS yet: mc admin kms key status ALIAS, and read an object of before.`,
  ]
}
