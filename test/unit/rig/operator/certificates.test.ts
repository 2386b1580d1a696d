import { describe, expect, it } from 'vitest'
import { loops, sourcesOf } from '../../../rig/operator/certificates.ts'
import type { Reference, StandInTenant } from '../../../rig/operator/tenant.ts'

const tenant = (spec: Partial<StandInTenant['spec']>): StandInTenant => ({
  metadata: { name: 'store', namespace: 'team-a' },
  spec: { pools: [], ...spec },
})
const filesOf = (spec: Partial<StandInTenant['spec']>): readonly string[] =>
  sourcesOf(tenant(spec)).flatMap(({ secret }) => secret.items.map(({ key, path }) => `${secret.name} ${key} ${path}`))
const reference = (name: string, type?: string): Reference => (type === undefined ? { name } : { name, type })

describe('the files of the operator that is stood in for', () => {
  it('are numbered by the place in the list, and chosen by the type of the reference', () => {
    expect(
      filesOf({
        externalClientCertSecrets: [reference('a', 'kubernetes.io/tls'), reference('b', 'cert-manager.io/v1')],
        externalCaCertSecret: [
          reference('c'),
          reference('d', 'cert-manager.io/v1'),
          reference('e', 'kubernetes.io/tls'),
        ],
      }),
    ).toEqual([
      'a tls.crt client-0/client.crt',
      'a tls.key client-0/client.key',
      'b tls.crt client-1/client.crt',
      'b tls.key client-1/client.key',
      'b ca.crt CAs/client-ca-1.crt',
      'c public.crt CAs/ca-0.crt',
      'd ca.crt CAs/ca-1.crt',
      'e tls.crt CAs/ca-2.crt',
    ])
  })

  it('of an unknown type are looked for under the old names', () => {
    expect(filesOf({ externalClientCertSecrets: [reference('a', 'cert-manger.io/v1')] })).toEqual([
      'a public.crt client-0/client.crt',
      'a private.key client-0/client.key',
    ])
  })

  it('of its KES are the pair of MinIO, and the certificate of KES itself in place of an authority', () => {
    const kes = { kesSecret: { name: 'k' }, externalCertSecret: reference('server', 'kubernetes.io/tls') }
    expect(filesOf({ kes, externalClientCertSecret: reference('client', 'kubernetes.io/tls') })).toEqual([
      'client tls.crt client.crt',
      'client tls.key client.key',
      'server tls.crt CAs/kes.crt',
    ])
  })

  it('make it write the status for ever, unless they come as volumes', () => {
    expect(loops(tenant({ externalCaCertSecret: [reference('a')] }))).toBe(true)
    expect(loops(tenant({ additionalVolumes: [{}], additionalVolumeMounts: [{}] }))).toBe(false)
  })
})
