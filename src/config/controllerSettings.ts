import { z } from 'zod'
import { level, port, text } from './field.ts'

export const ControllerSettings = z.object({
  releaseNamespace: text('Namespace that kes-injector is installed in: key servers run there'),
  podName: text('Name of this pod: who holds the lease'),
  leaseName: text('Lease that elects the one controller at work').default('kes-injector-controller'),
  webhookConfiguration: text('MutatingWebhookConfiguration whose caBundle is kept').default('kes-injector'),
  webhookService: text('Service of the webhook: the name in its certificate').default('kes-injector-webhook'),
  statefulImage: text('Image of the stateful KES for KeyServers that name none'),
  keyServerAccount: text('ServiceAccount of KES pods; it has no rights').default('kes-injector-key-server'),
  clusterDomain: text('DNS domain of the cluster').default('cluster.local'),
  healthPort: port('Port of /healthz, /readyz and /metrics (HTTP)', 8081),
  logLevel: level,
})

export type ControllerSettings = z.infer<typeof ControllerSettings>
