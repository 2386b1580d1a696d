import * as z from 'zod'
import { level, lifetime, oneOf, part, port, text, textOr } from './field.ts'

export const ControllerSettings = z.object({
  releaseNamespace: text('Namespace that kes-injector is installed in: key servers run there'),
  podName: text('Name of this pod: who holds the lease'),
  leaseName: textOr('Lease that elects the one controller at work', 'kes-injector-controller'),
  injectionMode: z.enum(['Webhook', 'Policy']).default('Webhook').meta({
    description:
      'What connects MinIO objects: Webhook, or Policy (a MutatingAdmissionPolicy; then no certificate is issued for a webhook)',
  }),
  webhookConfiguration: textOr('MutatingWebhookConfiguration whose caBundle is kept', 'kes-injector'),
  webhookService: textOr('Service of the webhook: the name in its certificate', 'kes-injector-webhook'),
  statefulImage: text('Image of the stateful KES for KeyServers that name none'),
  statefulImagePullPolicy: oneOf('When the kubelet pulls that image', ['IfNotPresent', 'Always', 'Never']),
  serverImage: textOr(
    'Image of a current KES for KeyServers of kind `server` that name none',
    'quay.io/minio/kes:2025-03-12T09-35-18Z',
  ),
  serverImagePullPolicy: oneOf('When the kubelet pulls that image', ['IfNotPresent', 'Always', 'Never']),
  agentImage: text('Image of kes-injector itself: its agent runs beside a current KES'),
  agentImagePullPolicy: oneOf('When the kubelet pulls that image', ['IfNotPresent', 'Always', 'Never']),
  keyServerAccount: textOr('ServiceAccount of KES pods; it has no rights', 'kes-injector-key-server'),
  networkPolicies: oneOf('Whether key servers get a NetworkPolicy', ['true', 'false']),
  clusterDomain: textOr('DNS domain of the cluster', 'cluster.local'),
  tenantAuthorityLifetime: lifetime(
    'Lifetime of the authority of a namespace whose Tenant has a KES that the MinIO operator runs',
    '43800h',
    24,
  ),
  tenantServerLifetime: lifetime('Lifetime of the certificates that such a KES serves', '2160h'),
  tenantClientLifetime: lifetime('Lifetime of the client certificates that such a MinIO has', '2160h'),
  tenantRenewAt: part('The part of their lifetime after which these certificates are renewed', 0.667, 0.2, 0.9),
  healthPort: port('Port of /healthz, /readyz and /metrics (HTTP)', 8081),
  logLevel: level,
})

export type ControllerSettings = z.infer<typeof ControllerSettings>
