import { clientSecretName } from '../api/names.ts'
import { kesVariableOrder, type KesVariable } from '../minio/environment.ts'
import { isAbsent, isObject, listOf, memberAt } from '../minio/shape.ts'
import { clientFiles, fileVariables, isClientFile, pairWithAuthority, refersTo } from '../minio/tenant.ts'
import { readKmsVariables, type Variable } from '../minio/variable.ts'
import { isOurEndpoint } from './endpoint.ts'

/** Our entry in `spec.externalClientCertSecrets`. */
export const ourReference = { name: clientSecretName, type: pairWithAuthority } as const

/** What a Tenant says about its KMS, and which of it is ours. */
export interface TenantFacts {
  readonly env: readonly unknown[]
  readonly references: readonly unknown[]
  /** Index of our entry; -1 where it is missing. */
  readonly reference: number
  readonly kes: ReadonlyMap<KesVariable, Variable>
  /** A variable that is the user's own way to a KMS: then nothing is ever changed. */
  readonly usersOwn: Variable | undefined
  /** Whether it was connected by us: something in it is certainly ours, and nothing is a KMS of the user's. */
  readonly connected: boolean
}

/**
 * Reads a Tenant; undefined where `spec`, `env` or the list of references is not what the CRD's schema wants, so that
 * the API server refuses the object anyway.
 *
 * What is ours: the entry by name and type; an endpoint by its value; a file at any index, but only beside our entry or
 * endpoint (in this object or in `former`), because users number certificates of their own the same way. A key name is
 * nobody's: every literal name is a choice, ours is only the default, and KES refuses names of other namespaces.
 */
export function readTenant(tenant: unknown, releaseNamespace: string, former?: TenantFacts): TenantFacts | undefined {
  const spec = memberAt(tenant, 'spec')
  const env = listOf(memberAt(spec, 'env'))
  const references = listOf(memberAt(spec, 'externalClientCertSecrets'))
  if (!isObject(spec) || !env || !references) return undefined
  const { kes, foreign } = readKmsVariables(env)
  const reference = references.findIndex((each) => refersTo(each, ourReference))
  const trace = reference >= 0 || isOurEndpoint(kes.get('endpoint'), releaseNamespace)
  const filesMayBeOurs = trace || former?.connected === true
  const isOurs: Readonly<Record<KesVariable, (variable: Variable) => boolean>> = {
    endpoint: (variable) => isOurEndpoint(variable, releaseNamespace),
    keyName: ({ literal }) => literal !== undefined,
    certificateFile: ({ literal = '' }) => filesMayBeOurs && isClientFile('certificateFile', literal),
    keyFile: ({ literal = '' }) => filesMayBeOurs && isClientFile('keyFile', literal),
    authorityPath: ({ literal = '' }) => filesMayBeOurs && isClientFile('authorityPath', literal),
  }
  const usersOwn = foreign ?? [...kes].find(([which, variable]) => !isOurs[which](variable))?.[1]
  return { env, references, reference, kes, usersOwn, connected: trace && !usersOwn }
}

/** Whether all that we write is there: our entry, the five variables, and the files of the entry's index. */
export function isComplete({ reference, kes }: TenantFacts): boolean {
  if (reference < 0 || kesVariableOrder.some((each) => !kes.has(each))) return false
  const files = clientFiles(reference)
  return fileVariables.every((each) => kes.get(each)?.literal === files[each])
}

/** Whether the operator runs a KES of its own for this Tenant. */
export const operatorRunsKes = (tenant: unknown): boolean => !isAbsent(memberAt(tenant, 'spec', 'kes'))
