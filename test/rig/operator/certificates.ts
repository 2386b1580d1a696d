import type { Reference, StandInTenant } from './tenant.ts'

interface Item {
  readonly key: string
  readonly path: string
}
export type Source = { readonly secret: { readonly name: string; readonly items: readonly Item[] } }

const issued = (type: string | undefined): boolean =>
  type === 'cert-manager.io/v1' || type === 'cert-manager.io/v1alpha2'
/** The keys of a pair, by the reference's own type: whatever is not known counts as the operator's old names. */
const pairKeys = ({ type }: Reference) =>
  type === 'kubernetes.io/tls' || issued(type)
    ? { certificate: 'tls.crt', key: 'tls.key' }
    : { certificate: 'public.crt', key: 'private.key' }

const source = (name: string, items: readonly Item[]): Source => ({ secret: { name, items } })

function server(reference: Reference, index: number): Source {
  const { certificate, key } = pairKeys(reference)
  const at = index === 0 ? '' : `hostname-${index}/`
  return source(reference.name, [
    { key: certificate, path: `${at}public.crt` },
    { key, path: `${at}private.key` },
    { key: certificate, path: `CAs/${index === 0 ? 'public' : `hostname-${index}`}.crt` },
  ])
}

function client(reference: Reference, index: number): Source {
  const { certificate, key } = pairKeys(reference)
  return source(reference.name, [
    { key: certificate, path: `client-${index}/client.crt` },
    { key, path: `client-${index}/client.key` },
    ...(issued(reference.type) ? [{ key: 'ca.crt', path: `CAs/client-ca-${index}.crt` }] : []),
  ])
}

const authority = (reference: Reference, index: number): Source =>
  source(reference.name, [
    {
      key: issued(reference.type) ? 'ca.crt' : pairKeys(reference).certificate,
      path: `CAs/ca-${index}.crt`,
    },
  ])

/** For a Tenant with `spec.kes`: MinIO's pair, and the certificate of KES itself, which MinIO is made to trust. */
function ofKes({ spec }: StandInTenant): readonly Source[] {
  const { kes, externalClientCertSecret: pair } = spec
  if (!kes) return []
  if (!pair || !kes.externalCertSecret) throw new Error('the stand-in makes no certificates: both must be external')
  const { certificate, key } = pairKeys(pair)
  return [
    source(pair.name, [
      { key: certificate, path: 'client.crt' },
      { key, path: 'client.key' },
    ]),
    source(kes.externalCertSecret.name, [{ key: pairKeys(kes.externalCertSecret).certificate, path: 'CAs/kes.crt' }]),
  ]
}

/** The sources of the projected volume at /tmp/certs, in the operator's order (facts: external certificates by index and type). */
export const sourcesOf = (tenant: StandInTenant): readonly Source[] => [
  ...(tenant.spec.externalCertSecret ?? []).map(server),
  ...(tenant.spec.externalClientCertSecrets ?? []).map(client),
  ...(tenant.spec.externalCaCertSecret ?? []).map(authority),
  ...ofKes(tenant),
]

/** Whether the operator would write the Tenant's status every five seconds: the time to expiry that it tells changes each second. */
export const loops = ({ spec }: StandInTenant): boolean =>
  [spec.externalCertSecret, spec.externalClientCertSecrets, spec.externalCaCertSecret].some(
    (list) => (list ?? []).length > 0,
  )
