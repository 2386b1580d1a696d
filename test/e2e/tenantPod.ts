import type { tenant } from '../apiserver/objects.ts'
import type { E2eTier } from './cluster.ts'
import { minioDeployment } from './minio.ts'

interface Reference {
  readonly name: string
  readonly type: string
}

/**
 * Stands in for the MinIO operator, which cannot be had here: makes of a stored Tenant what the operator makes of its `env` and
 * `externalClientCertSecrets` (facts: minio-operator.md 3; a reference of type cert-manager.io/v1 is mounted as pair and authority).
 */
export function tenantDeployment(tier: E2eTier, { metadata, spec }: ReturnType<typeof tenant>): object {
  const references = (spec.externalClientCertSecrets ?? []) as unknown as readonly Reference[]
  const sources = references.flatMap(({ name, type }, index) => [
    {
      secret: {
        name,
        items: [
          { key: 'tls.crt', path: `client-${index}/client.crt` },
          { key: 'tls.key', path: `client-${index}/client.key` },
          ...(type === 'cert-manager.io/v1' ? [{ key: 'ca.crt', path: `CAs/client-ca-${index}.crt` }] : []),
        ],
      },
    },
  ])
  const deployment = minioDeployment(
    tier,
    metadata.namespace,
    { volumes: [{ name: 'certs', projected: { sources, defaultMode: 0o440 } }] },
    {
      args: ['server', '/export', '--address', ':9000', '--certs-dir', '/tmp/certs'],
      env: spec.env ?? [],
      volumeMounts: [{ name: 'certs', mountPath: '/tmp/certs', readOnly: true }],
    },
  ) as { readonly spec: { readonly template: { readonly metadata: object } } }
  const { template } = deployment.spec
  const annotations = { 'kes-injector.io/inject': 'disabled' }
  return {
    ...deployment,
    spec: { ...deployment.spec, template: { ...template, metadata: { ...template.metadata, annotations } } },
  }
}
