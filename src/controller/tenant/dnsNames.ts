import type { Tenant } from './resources.ts'

/** A name as the parts of a Service's name must be (RFC 1123 label). */
const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/

/** Replicas where `spec.kes.replicas` says nothing (operator, EnsureDefaults). */
const standardReplicas = 2
/** Whoever writes a Tenant chooses this number; MinIO dials the Service's own name, so a pod beyond these is only not reached by its own. */
const mostReplicas = 32

/** Whether the operator can make a Service for this Tenant's KES at all. */
export const isNameable = ({ metadata: { name } }: Tenant): boolean => label.test(`${name}-kes-hl-svc`)

/** Every name under which the KES of a Tenant is dialled: its headless Service, which MinIO is told, and each pod behind it. */
export function dnsNamesOf({ metadata: { name, namespace = '' }, spec }: Tenant, clusterDomain: string): string[] {
  const service = `${name}-kes-hl-svc`
  const full = `${service}.${namespace}.svc.${clusterDomain}`
  const wanted = spec?.kes?.replicas ?? standardReplicas
  const replicas = Number.isInteger(wanted) ? Math.min(Math.max(wanted, 1), mostReplicas) : standardReplicas
  return [
    service,
    `${service}.${namespace}`,
    `${service}.${namespace}.svc`,
    full,
    ...Array.from({ length: replicas }, (_, index) => `${name}-kes-${index}.${full}`),
  ]
}
