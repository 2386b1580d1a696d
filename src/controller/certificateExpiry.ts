import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import { namespaceOfMaterial } from './tenant/names.ts'
import type { ConfigMap } from './tenant/resources.ts'

/** When a certificate in use ends, as the metric says it. */
export type Expiry = readonly [{ readonly kind: string; readonly name: string }, number]

const expiry = (kind: string, name: string, at: string | undefined): readonly Expiry[] =>
  at === undefined ? [] : [[{ kind, name }, new Date(at).getTime() / 1000]]

/** The certificates of Tenants whose KES the operator runs, as they are recorded. */
export const recordedExpiries = ({ metadata: { name }, data = {} }: ConfigMap): readonly Expiry[] => {
  const namespace = namespaceOfMaterial(name)
  if (namespace === undefined) return []
  return [
    ...expiry('authority', namespace, data['authorityNotAfter']),
    ...expiry('client', `${namespace}/kes-tenant-client`, data['clientNotAfter']),
    ...expiry('server', `${namespace}/kes-tenant-server`, data['serverNotAfter']),
  ]
}

/** Every certificate that the status of our objects tells of, in Unix seconds. */
export const certificateExpiries = (
  keyServers: readonly KeyServer[],
  identities: readonly KesIdentity[],
): readonly Expiry[] => [
  ...keyServers.flatMap(({ metadata: { name }, status }) => [
    ...expiry('authority', name, status?.authority?.notAfter),
    ...(status?.replicas ?? []).flatMap(({ pod, certificateNotAfter }) => expiry('server', pod, certificateNotAfter)),
  ]),
  ...identities.flatMap(({ metadata: { namespace, name }, status }) =>
    expiry('client', `${namespace}/${name}`, status?.notAfter),
  ),
]
