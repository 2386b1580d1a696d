import { annotations, tenantMounts, type TenantMount } from '../api/names.ts'
import { annotationOf, isAbsent, listOf, member, memberAt } from '../minio/shape.ts'
import type { Context, NamespaceFacts } from './context.ts'
import { deny, type Deny } from './decision.ts'
import { quoted } from './keyChoice.ts'
import { volumeOfMode } from './podVolume.ts'
import type { PatchValue } from './patch.ts'

const isMount = (text: string): text is TenantMount => (tenantMounts as readonly string[]).includes(text)

/** A namespace that says nothing of the mount says what the chart says. */
export function withDefaultMount(namespace: NamespaceFacts, standard: TenantMount): NamespaceFacts {
  const { annotations: own } = namespace
  if (Object.hasOwn(own, annotations.mount)) return namespace
  let all = completed.get(own)
  if (all?.[annotations.mount] !== standard) {
    all = { ...own, [annotations.mount]: standard }
    completed.set(own, all)
  }
  return { ...namespace, annotations: all }
}

/** Made once for the annotations of a namespace as they were read, since every review comes here. */
const completed = new WeakMap<NamespaceFacts['annotations'], NamespaceFacts['annotations']>()

/** The way that the Tenant asks for, or else its namespace. */
export function chooseMount(tenant: unknown, { namespace }: Context): TenantMount | Deny {
  const ofTenant = annotationOf(tenant, annotations.mount)
  const ofNamespace = Object.hasOwn(namespace.annotations, annotations.mount)
    ? namespace.annotations[annotations.mount]
    : undefined
  const wanted = ofTenant ?? ofNamespace ?? tenantMounts[0]
  if (isMount(wanted)) return wanted
  return deny(
    'MountUnknown',
    `the annotation ${annotations.mount} of the ${ofTenant === undefined ? 'namespace' : 'Tenant'} is ` +
      `${quoted(wanted)}: write ${tenantMounts.join(' or ')}, or leave it out.`,
  )
}

/**
 * Our volume of a Tenant. The operator gives a pool without a securityContext the group 1000 for its files, to which MinIO belongs; a
 * pool with one of its own may have no such group, and MinIO could then read nothing that is closed (operator, v4.5 to v7.1).
 */
export function tenantVolume(tenant: unknown): PatchValue {
  const pools = listOf(memberAt(tenant, 'spec', 'pools')) ?? []
  const grouped = pools.every((pool) => {
    const security = member(pool, 'securityContext')
    return isAbsent(security) || !isAbsent(member(security, 'fsGroup'))
  })
  return volumeOfMode(grouped ? 0o440 : 0o444)
}
