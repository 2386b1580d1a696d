import * as z from 'zod'
import { Duration } from './duration.ts'
import { Image, ObjectName, Resources, SecretKeyRef } from './specParts.ts'
import { validations } from './validation.ts'

/** `spec.server` of a KeyServer. */
export const Server = z
  .object({
    image: Image.optional().describe(
      'Image of a current KES (v0.24.0, or 2025-01-13 and later). None: the image that this release of kes-injector was installed with.',
    ),
    replicas: z
      .number()
      .int()
      .min(1)
      .max(9)
      .default(2)
      .describe('Number of KES pods. They share the key store, so more than one survives the loss of a node.'),
    keystoreSecretRef: SecretKeyRef('server-config.yaml').describe(
      'A Secret in the release namespace with the `keystore` section of a KES configuration (a whole KES configuration is taken too: of it only `keystore` counts). Policies, identities, TLS and cache are ours.',
    ),
    storage: z
      .object({
        size: z
          .string()
          .regex(/^\d+(Mi|Gi|Ti)$/)
          .default('1Gi')
          .describe('Size of the volume.'),
        storageClassName: z
          .string()
          .max(253)
          .optional()
          .describe('StorageClass of the volume. None: the default class.'),
      })
      .optional()
      .meta({
        description:
          'A volume at /data for `keystore.fs`. HAZARD: that key store holds the keys in clear; upstream calls it a store for tests. It means one replica.',
        ...validations({ rule: 'self == oldSelf', message: 'storage cannot be changed: the volume holds the keys' }),
      }),
    placement: z
      .enum(['Service', 'Sidecar'])
      .default('Service')
      .meta({
        description:
          'Service: KES runs in pods of its own. Sidecar: KES runs inside each MinIO pod, on loopback, with the key store behind it. HAZARD: the credentials of the key store then lie in a Secret of every namespace that uses this key server.',
        ...validations({ rule: 'self == oldSelf', message: 'placement cannot be changed: MinIO dials where KES is' }),
      }),
    cache: z
      .object({
        any: Duration.default('5m').describe('How long KES remembers a key at most while the key store answers.'),
        unused: Duration.default('30s').describe('How long KES remembers a key that nobody uses.'),
        offline: Duration.default('1h').describe(
          'How long KES goes on with the keys that it remembers while the key store is away: reads and writes go on, new keys do not. 0s: not at all.',
        ),
      })
      .default({ any: '5m', unused: '30s', offline: '1h' })
      .describe('What KES keeps in memory of the key store.'),
    allowKeyCreation: z
      .boolean()
      .default(true)
      .describe(
        "Lets MinIO create keys under its namespace's prefix (`mc admin kms key create`). A current KES refuses to replace a key that exists.",
      ),
    environmentSecretRef: z
      .object({ name: ObjectName.describe('Name of the Secret.') })
      .optional()
      .describe(
        'A Secret in the release namespace whose entries become environment variables of KES: `${NAME}` in the key store section reads them.',
      ),
    serviceAccountName: ObjectName.optional().describe(
      'ServiceAccount of the KES pods, for key stores that know pods by it (Vault Kubernetes auth, cloud workload identity). Its token is mounted then. None: an account without rights, and no token.',
    ),
    resources: Resources,
  })
  .describe('A current KES in front of a key management system: Vault, AWS, Google Cloud, Azure and others.')
  .meta(
    validations(
      {
        rule: '!has(self.storage) || (has(self.replicas) && self.replicas == 1)',
        message: 'storage means replicas: 1: two KES on one volume of files would not see each other',
      },
      {
        rule: "!has(self.storage) || !has(self.placement) || self.placement == 'Service'",
        message: 'storage does not go with placement Sidecar: the volume belongs to one pod',
      },
      {
        rule: 'has(self.storage) == has(oldSelf.storage)',
        message: 'storage cannot be added or removed: the keys lie where they are',
      },
    ),
  )
