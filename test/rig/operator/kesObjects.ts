import { ownerOf, placeOf, type StandInTenant } from './tenant.ts'

const identityVariable = 'MINIO_KES_IDENTITY'
const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

/**
 * The StatefulSet of a Tenant's KES. Exactly one identity reaches it, by its environment: another client certificate for MinIO is another
 * template, and KES is rolled with only the new identity. A changed Secret changes nothing here.
 */
export function kesStatefulSet(tenant: StandInTenant, identity: string): object | undefined {
  const { kes, env = [] } = tenant.spec
  const { name, namespace } = placeOf(tenant)
  if (!kes?.externalCertSecret) return undefined
  const labels = { 'v1.min.io/kes': `${name}-kes` }
  const named = env.some((each) => each.name === identityVariable)
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: `${name}-kes`, namespace, ownerReferences: ownerOf(tenant) },
    spec: {
      replicas: kes.replicas ?? 2,
      serviceName: `${name}-kes-hl-svc`,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, runAsNonRoot: true },
          containers: [
            {
              name: 'kes',
              image: kes.image,
              args: ['server', '--config=/tmp/kes/server-config.yaml', '--auth=off'],
              env: [
                ...[...(kes.env ?? [])].sort(byName),
                ...(named ? [] : [{ name: identityVariable, value: identity }]),
              ],
              ports: [{ name: 'https-kes', containerPort: 7373 }],
              volumeMounts: [{ name: `${name}-kes`, mountPath: '/tmp/kes' }],
            },
          ],
          volumes: [
            {
              name: `${name}-kes`,
              projected: {
                sources: [
                  {
                    secret: {
                      name: kes.kesSecret.name,
                      items: [{ key: 'server-config.yaml', path: 'server-config.yaml' }],
                    },
                  },
                  {
                    secret: {
                      name: kes.externalCertSecret.name,
                      items: [
                        { key: 'tls.crt', path: 'server.crt' },
                        { key: 'tls.key', path: 'server.key' },
                      ],
                    },
                  },
                ],
              },
            },
          ],
        },
      },
    },
  }
}

export function kesService(tenant: StandInTenant): object {
  const { name, namespace } = placeOf(tenant)
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${name}-kes-hl-svc`, namespace, ownerReferences: ownerOf(tenant) },
    spec: {
      clusterIP: 'None',
      selector: { 'v1.min.io/kes': `${name}-kes` },
      ports: [{ name: 'https-kes', port: 7373 }],
    },
  }
}
