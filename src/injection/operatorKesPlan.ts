import { kesVariables } from '../minio/environment.ts'
import { authorityFile } from '../minio/tenant.ts'
import { ourReferences, type OperatorKesFacts } from './operatorKesFacts.ts'
import { add, addEntries, replace, type Operation } from './patch.ts'

/**
 * The few operations after which the operator's KES and MinIO use certificates of ours; none where they do.
 *
 * MinIO is made to trust the authority: what the operator mounts for it is the certificate of KES itself, which MinIO reads once, so that
 * every renewal would shut it out (measured). Our entry goes to the end of the list, so that no index of the user's moves.
 */
export function planOperatorKes(tenant: OperatorKesFacts): readonly Operation[] {
  const { env, authorities, server, client, authority, authorityPath } = tenant
  const file = authorityFile(authority >= 0 ? authority : authorities.length)
  const variable = { name: kesVariables.authorityPath, value: file }
  return [
    ...(authorityPath && authorityPath.literal !== file
      ? [replace(['spec', 'env', authorityPath.index, 'value'], file)]
      : []),
    ...(server === 'missing' ? [add(['spec', 'kes', 'externalCertSecret'], ourReferences.server)] : []),
    ...(client === 'missing' ? [add(['spec', 'externalClientCertSecret'], ourReferences.client)] : []),
    ...addEntries(
      authorities,
      ['spec', 'externalCaCertSecret'],
      'last',
      authority < 0 ? [ourReferences.authority] : [],
    ),
    ...addEntries(env, ['spec', 'env'], 'last', authorityPath ? [] : [variable]),
  ]
}
