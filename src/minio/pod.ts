import { isObject, labelOf, listOf, member, memberAt, textAt } from './shape.ts'

/** MinIO's container in every distribution: operator, community chart, Bitnami. */
export const minioContainer = 'minio'

const tenantLabel = 'v1.min.io/tenant'

/** A container and its place in `spec.containers`. */
export interface FoundContainer {
  readonly index: number
  readonly container: Readonly<Record<string, unknown>>
}

/** The container of that name. Init and ephemeral containers are never MinIO. */
export function findContainer(pod: unknown, name: string): FoundContainer | undefined {
  const containers = listOf(memberAt(pod, 'spec', 'containers')) ?? []
  const index = containers.findIndex((each) => textAt(each, 'name') === name)
  const container = containers[index]
  return isObject(container) ? { index, container } : undefined
}

/**
 * The Tenant whose pod this is; undefined for pods that the operator did not make.
 *
 * The label alone says nothing: anybody can write it. The operator's pods also belong to a StatefulSet called
 * TENANT-POOL, as its controller. Who imitates even that gains no identity, only a pod without KES, which one
 * annotation gives them openly; and the audit log names the Tenant that the pod claimed.
 */
export function operatorTenant(pod: unknown): string | undefined {
  const tenant = labelOf(pod, tenantLabel)
  if (tenant === undefined || tenant === '') return undefined
  const owners = listOf(memberAt(pod, 'metadata', 'ownerReferences')) ?? []
  const owned = owners.some(
    (owner) =>
      member(owner, 'controller') === true &&
      textAt(owner, 'kind') === 'StatefulSet' &&
      (textAt(owner, 'apiVersion') ?? '').startsWith('apps/') &&
      (textAt(owner, 'name') ?? '').startsWith(`${tenant}-`),
  )
  return owned ? tenant : undefined
}

/** Whether the kubelet made the pod from a file: the API server refuses every change to it. */
export const isMirror = (pod: unknown): boolean =>
  memberAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined

export const isWindows = (pod: unknown): boolean =>
  textAt(pod, 'spec', 'os', 'name') === 'windows' ||
  textAt(pod, 'spec', 'nodeSelector', 'kubernetes.io/os') === 'windows'

/**
 * Whether the pod can resolve the names of Services. On the host's network that takes `ClusterFirstWithHostNet`
 * (Kubernetes, "DNS for Services and Pods"); MinIO ends within seconds where it can't find its key server.
 */
export function resolvesServices(pod: unknown): boolean {
  const policy = textAt(pod, 'spec', 'dnsPolicy') ?? 'ClusterFirst'
  if (policy === 'Default') return false
  return memberAt(pod, 'spec', 'hostNetwork') !== true || policy !== 'ClusterFirst'
}

/** Nearly every mount is at a path that is canonical as it stands, and each is looked at in every review. */
const isCanonical = (path: string): boolean =>
  path.startsWith('/') &&
  !path.endsWith('/') &&
  !path.includes('//') &&
  !path.includes('/.') &&
  !path.startsWith('/var/run')

/** A path as the kernel sees it: no doubled or trailing slash, and `/var/run`, a link to `/run` in nearly every image. */
export function canonicalPath(path: string): string {
  if (isCanonical(path)) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  if (parts[0] === 'var' && parts[1] === 'run') parts.shift()
  return `/${parts.join('/')}`
}

/** Whether a mount gets in the way of another place, which is given canonical: the same place, or one below the other. */
export function nests(path: string, place: string): boolean {
  const canonical = canonicalPath(path)
  return (
    canonical === place || canonical === '/' || canonical.startsWith(`${place}/`) || place.startsWith(`${canonical}/`)
  )
}
