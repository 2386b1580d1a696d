import type { TenantMount } from '../api/names.ts'
import { kesVariableOrder, kesVariables, type KesSettings } from '../minio/environment.ts'
import { addEntries, replace, type Operation } from './patch.ts'
import { mount as ourMount } from './podVolume.ts'
import { filesOf, ourReference, type TenantFacts } from './tenantFacts.ts'
import { tenantVolume } from './tenantMount.ts'

/**
 * The few operations after which a Tenant is connected; none where it is.
 *
 * Values that are there already are replaced only where they name other files: the lists are atomic, and an entry that the user inserts
 * or removes before ours shifts it. Whatever is missing is appended. Replacements come first, while the indices are still those of the
 * object.
 */
export function planTenant(
  tenant: unknown,
  facts: TenantFacts,
  mount: TenantMount,
  chosen: Pick<KesSettings, 'endpoint' | 'keyName'>,
): readonly Operation[] {
  const files = filesOf(facts, mount)
  const settings: KesSettings = { ...chosen, ...files }
  const shifted = Object.entries(files).flatMap(([which, file]) => {
    const variable = facts.kes.get(which as keyof typeof files)
    return variable && variable.literal !== file ? [replace(['spec', 'env', variable.index, 'value'], file)] : []
  })
  const missing = kesVariableOrder
    .filter((each) => !facts.kes.has(each))
    .map((each) => ({ name: kesVariables[each], value: settings[each] }))
  return [
    ...shifted,
    ...(mount === 'additionalVolumes' ? volumeOperations(tenant, facts) : referenceOperations(facts)),
    ...addEntries(facts.env, ['spec', 'env'], 'last', missing),
  ]
}

const referenceOperations = ({ references, reference }: TenantFacts): readonly Operation[] =>
  addEntries(references, ['spec', 'externalClientCertSecrets'], 'last', reference < 0 ? [ourReference] : [])

const volumeOperations = (tenant: unknown, { volumes, volume, mounts, mounted }: TenantFacts): readonly Operation[] => [
  ...addEntries(volumes, ['spec', 'additionalVolumes'], 'last', volume === 'missing' ? [tenantVolume(tenant)] : []),
  ...addEntries(mounts, ['spec', 'additionalVolumeMounts'], 'last', mounted ? [] : [ourMount]),
]
