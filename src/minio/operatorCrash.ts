import { isAbsent, isObject, memberAt, textAt } from './shape.ts'

/** Types after which the operator does not go on to look at `spec.kes.externalCertSecret`. */
const safeTypes: readonly (string | undefined)[] = ['kubernetes.io/tls', 'cert-manager.io/v1alpha2']

/**
 * Whether this Tenant puts the MinIO operator into a crash loop, for every Tenant of the cluster, until it is gone.
 *
 * With `spec.kes` and an `externalClientCertSecret` of any other type the operator reads the type of
 * `spec.kes.externalCertSecret` without asking whether it is there (operator minio-statefulset.go, all versions; the
 * crash of v7.1.1 was seen with `Opaque` and `cert-manager.io/v1`). Newer operators pass over a reference without a
 * name, older ones do not, so the name is not looked at.
 */
export function crashesOperator(tenant: unknown): boolean {
  const kes = memberAt(tenant, 'spec', 'kes')
  return (
    isObject(kes) &&
    isObject(memberAt(tenant, 'spec', 'externalClientCertSecret')) &&
    isAbsent(memberAt(kes, 'externalCertSecret')) &&
    !safeTypes.includes(textAt(tenant, 'spec', 'externalClientCertSecret', 'type'))
  )
}
