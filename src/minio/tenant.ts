import type { KesSettings } from './environment.ts'
import { isAbsent, memberAt, textAt } from './shape.ts'

/** What we read of a Tenant (minio.min.io/v2). All of it is as users wrote it: the operator stores no defaults. */
export const tenantGroup = 'minio.min.io'
export const tenantResource = 'tenants'
export const tenantKind = 'Tenant'

/** A reference in `spec.externalClientCertSecrets`. Its `type`, not the Secret's own, decides which files are mounted. */
export interface CertificateReference {
  readonly name: string
  readonly type: string
}

/**
 * The one type that mounts client pair and authority from one Secret with `tls.crt`, `tls.key` and `ca.crt`, in every
 * operator from 4.5 to the last, without cert-manager (operator minio-statefulset.go, externalClientCertSecrets).
 */
export const pairWithAuthority = 'cert-manager.io/v1'

/** The type that every version of the operator takes for `externalClientCertSecret` and `kes.externalCertSecret` without a crash. */
export const plainPair = 'kubernetes.io/tls'

/** File of the reference with this index in `spec.externalCaCertSecret` (operator minio-statefulset.go; seen by a real run). */
export const authorityFile = (index: number): string => `/tmp/certs/CAs/ca-${index}.crt`

const authorityFileAtAnyIndex = /^\/tmp\/certs\/CAs\/ca-\d{1,6}\.crt$/
export const isAuthorityFile = (value: string): boolean => authorityFileAtAnyIndex.test(value)

/** The key of a KES that the operator runs, where `spec.kes.keyName` names none. */
export const operatorKeyName = 'my-minio-key'

/** Names the client to KES. Set by a person in `spec.env` or `spec.kes.env`, it beats the certificate (operator kes.go). */
export const identityVariable = 'MINIO_KES_IDENTITY'

/** Whether the operator runs a KES of its own for this Tenant. */
export const operatorRunsKes = (tenant: unknown): boolean => !isAbsent(memberAt(tenant, 'spec', 'kes'))

export const refersTo = (entry: unknown, { name, type }: CertificateReference): boolean =>
  textAt(entry, 'name') === name && textAt(entry, 'type') === type

export type FileVariable = 'certificateFile' | 'keyFile' | 'authorityPath'

/** Files of the reference with this index, in MinIO's container (operator minio-statefulset.go; seen by a real run). */
export const clientFiles = (index: number): Pick<KesSettings, FileVariable> => ({
  certificateFile: `/tmp/certs/client-${index}/client.crt`,
  keyFile: `/tmp/certs/client-${index}/client.key`,
  authorityPath: `/tmp/certs/CAs/client-ca-${index}.crt`,
})

const fileAtAnyIndex: Readonly<Record<FileVariable, RegExp>> = {
  certificateFile: /^\/tmp\/certs\/client-\d{1,6}\/client\.crt$/,
  keyFile: /^\/tmp\/certs\/client-\d{1,6}\/client\.key$/,
  authorityPath: /^\/tmp\/certs\/CAs\/client-ca-\d{1,6}\.crt$/,
}

/** Whether a value is the file of some reference: an entry that was inserted or removed before it shifts the index. */
export const isClientFile = (variable: FileVariable, value: string): boolean => fileAtAnyIndex[variable].test(value)

export const fileVariables: readonly FileVariable[] = ['certificateFile', 'keyFile', 'authorityPath']
