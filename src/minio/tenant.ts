import { kesVariables, type KesSettings } from './environment.ts'
import { textAt } from './shape.ts'

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

export const refersTo = (entry: unknown, { name, type }: CertificateReference): boolean =>
  textAt(entry, 'name') === name && textAt(entry, 'type') === type

type FileVariable = 'certificateFile' | 'keyFile' | 'authorityPath'

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

/** Names of the file variables, for messages. */
export const fileVariableNames = fileVariables.map((each) => kesVariables[each])
