import { kesVariableOrder, kesVariables, type KesSettings } from '../minio/environment.ts'
import { clientFiles } from '../minio/tenant.ts'
import { addEntries, replace, type Operation } from './patch.ts'
import { ourReference, type TenantFacts } from './tenantFacts.ts'

/** Index that our entry has, or gets: the end of the list, so that no entry of the user's moves. */
const referenceIndex = ({ reference, references }: TenantFacts): number =>
  reference >= 0 ? reference : references.length

/**
 * The few operations after which a Tenant is connected; none where it is.
 *
 * Values that are there already are replaced only where they name the files of another index: both lists are atomic,
 * and an entry that the user inserts or removes before ours shifts it. Whatever is missing is appended. Replacements
 * come first, while the indices are still those of the object.
 */
export function planTenant(
  tenant: TenantFacts,
  chosen: Pick<KesSettings, 'endpoint' | 'keyName'>,
): readonly Operation[] {
  const files = clientFiles(referenceIndex(tenant))
  const settings: KesSettings = { ...chosen, ...files }
  const shifted = Object.entries(files).flatMap(([which, file]) => {
    const variable = tenant.kes.get(which as keyof typeof files)
    return variable && variable.literal !== file ? [replace(['spec', 'env', variable.index, 'value'], file)] : []
  })
  const missing = kesVariableOrder
    .filter((each) => !tenant.kes.has(each))
    .map((each) => ({ name: kesVariables[each], value: settings[each] }))
  return [
    ...shifted,
    ...addEntries(
      tenant.references,
      ['spec', 'externalClientCertSecrets'],
      'last',
      tenant.reference < 0 ? [ourReference] : [],
    ),
    ...addEntries(tenant.env, ['spec', 'env'], 'last', missing),
  ]
}
