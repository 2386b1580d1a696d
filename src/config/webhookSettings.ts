import * as z from 'zod'
import { tenantMounts } from '../api/names.ts'
import { level, oneOf, port, seconds, text, textOr } from './field.ts'

export const WebhookSettings = z.object({
  releaseNamespace: text('Namespace that kes-injector is installed in: key servers run there'),
  port: port('Port of the admission webhook (HTTPS)', 8443),
  healthPort: port('Port of /healthz, /readyz and /metrics (HTTP)', 8081),
  certificateDirectory: textOr(
    'Folder with tls.crt and tls.key of the webhook, watched for changes',
    '/etc/kes-injector/tls',
  ),
  tenantMount: oneOf('How the identity reaches the pods of Tenants whose namespace says nothing', tenantMounts),
  serverImage: textOr(
    'Image of a current KES, for MinIO pods whose KeyServer has placement Sidecar and names none',
    'quay.io/minio/kes:2025-03-12T09-35-18Z',
  ),
  serverImagePullPolicy: oneOf('When the kubelet pulls that image', ['IfNotPresent', 'Always', 'Never']),
  certificatePollMs: seconds('How often that folder is looked at: the kubelet exchanges it without a file event', 10),
  drainMs: seconds('How long requests are still answered after SIGTERM', 15),
  logLevel: level,
})

export type WebhookSettings = z.infer<typeof WebhookSettings>
