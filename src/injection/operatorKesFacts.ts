import { tenantClientSecretName, tenantServerSecretName } from '../api/names.ts'
import type { KesVariable } from '../minio/environment.ts'
import { isAbsent, isObject, listOf, memberAt, textOf } from '../minio/shape.ts'
import {
  authorityFile,
  identityVariable,
  isAuthorityFile,
  pairWithAuthority,
  plainPair,
  refersTo,
} from '../minio/tenant.ts'
import { readKmsVariables, type Variable } from '../minio/variable.ts'

/** What stands in `spec.kes.externalCertSecret`, in `spec.externalClientCertSecret` and in the list of authorities. */
export const ourReferences = {
  server: { name: tenantServerSecretName, type: plainPair },
  client: { name: tenantClientSecretName, type: plainPair },
  authority: { name: tenantClientSecretName, type: pairWithAuthority },
} as const

type Reference = 'missing' | 'ours' | 'users'

/** What a Tenant whose KES the operator runs says about certificates, and which of it is ours. */
export interface OperatorKesFacts {
  readonly env: readonly unknown[]
  readonly authorities: readonly unknown[]
  /** `spec.kes.externalCertSecret`: what KES serves. */
  readonly server: Reference
  /** `spec.externalClientCertSecret`: who MinIO is to KES. */
  readonly client: Reference
  /** Index of our entry in `spec.externalCaCertSecret`; -1 where it is missing. */
  readonly authority: number
  readonly authorityPath: Variable | undefined
  /** What the user chose so that certificates of ours would not fit; never changed. */
  readonly usersOwn: string | undefined
  /** A variable in `spec.env` that leads MinIO to another KMS. */
  readonly otherKms: Variable | undefined
  /** Whether it was connected by us: something in it is certainly ours, and nothing is in the way. */
  readonly connected: boolean
}

const referenceOf = (value: unknown, ours: { readonly name: string; readonly type: string }): Reference =>
  isAbsent(value) ? 'missing' : refersTo(value, ours) ? 'ours' : 'users'

/** Variables of the five that the operator sets itself here; one of the user's beats it and leads elsewhere. */
const leadElsewhere: readonly KesVariable[] = ['endpoint', 'certificateFile', 'keyFile']

/**
 * Reads a Tenant with `spec.kes`; undefined where something is not what the CRD's schema wants. `former` is what is stored: a file of
 * ours is known by its place beside our entry, which whoever writes the object may just have dropped.
 */
export function readOperatorKes(tenant: unknown, former?: OperatorKesFacts): OperatorKesFacts | undefined {
  const spec = memberAt(tenant, 'spec')
  const kes = memberAt(spec, 'kes')
  const env = listOf(memberAt(spec, 'env'))
  const kesEnv = listOf(memberAt(kes, 'env'))
  const authorities = listOf(memberAt(spec, 'externalCaCertSecret'))
  if (!isObject(kes) || !env || !kesEnv || !authorities) return undefined
  const { kes: variables, foreign } = readKmsVariables(env)
  const server = referenceOf(memberAt(kes, 'externalCertSecret'), ourReferences.server)
  const client = referenceOf(memberAt(spec, 'externalClientCertSecret'), ourReferences.client)
  const authority = authorities.findIndex((each) => refersTo(each, ourReferences.authority))
  const trace = server === 'ours' || client === 'ours' || authority >= 0
  const authorityPath = variables.get('authorityPath')
  const pathIsOurs =
    authorityPath === undefined ||
    ((trace || former?.connected === true) && isAuthorityFile(authorityPath.literal ?? ''))
  const named = [...env, ...kesEnv].some((each) => textOf(each, 'name') === identityVariable)
  const usersOwn =
    server === 'users'
      ? 'spec.kes.externalCertSecret names a certificate of your own'
      : client === 'users'
        ? 'spec.externalClientCertSecret names a certificate of your own'
        : !pathIsOurs
          ? `${authorityPath.name} is set in spec.env`
          : // KES would go on to admit that identity alone, and ours is another one.
            named
            ? `${identityVariable} is set`
            : undefined
  const otherKms = foreign ?? leadElsewhere.map((each) => variables.get(each)).find((each) => each !== undefined)
  return {
    env,
    authorities,
    server,
    client,
    authority,
    authorityPath,
    usersOwn,
    otherKms,
    connected: trace && usersOwn === undefined && otherKms === undefined,
  }
}

/** Whether all that we write is there: the three references, and the variable with the file of the entry's index. */
export const isComplete = ({ server, client, authority, authorityPath }: OperatorKesFacts): boolean =>
  server === 'ours' && client === 'ours' && authority >= 0 && authorityPath?.literal === authorityFile(authority)
