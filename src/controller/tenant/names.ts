import { labels } from '../../api/names.ts'

/** What lies in the namespace of the release for the Tenants of another namespace. No namespace has a dot in its name. */
export type TenantMaterial = 'authority-1' | 'client' | 'record'

export const tenantMaterialName = (namespace: string, material: TenantMaterial): string =>
  `tenant.${namespace}.${material}`

const pattern = /^tenant\.([^.]+)\.(?:authority-1|client|record)$/

/** The namespace that such an object is for; undefined for all others. */
export const namespaceOfMaterial = (name: string): string | undefined => pattern.exec(name)?.[1]

export const tenantLabels: Readonly<Record<string, string>> = { [labels.component]: 'tenant' }
