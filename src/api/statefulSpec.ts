import * as z from 'zod'
import { Image, ObjectName, PairSecretRef, Resources, SecretKeyRef } from './specParts.ts'
import { validations } from './validation.ts'

/** `spec.stateful` of a KeyServer. */
export const Stateful = z
  .object({
    image: Image.optional().describe(
      'Image of a KES that has `kes init` (v0.20.0 to 2023-08-19) with the launcher of images/kes-stateful as its entrypoint. None: the image that this release of kes-injector was installed with.',
    ),
    storage: z
      .object({
        size: z
          .string()
          .regex(/^\d+(Mi|Gi|Ti)$/)
          .default('1Gi')
          .describe('Size of the volume that holds the sealed keys.'),
        storageClassName: z
          .string()
          .max(253)
          .optional()
          .describe(
            'StorageClass of the volume. None: the default class of the cluster. Choose one that keeps volumes (reclaimPolicy Retain).',
          ),
      })
      .default({ size: '1Gi' })
      .meta({
        description:
          'The volume. It holds every key: losing it without a backup loses every object encrypted with them.',
        ...validations({ rule: 'self == oldSelf', message: 'storage cannot be changed: the volume holds the keys' }),
      }),
    allowKeyCreation: z
      .boolean()
      .default(false)
      .describe(
        'Lets MinIO create keys itself. HAZARD: after a restart a stateful KES answers a creation of an existing key by replacing it, and every object encrypted with it is lost (`mc admin kms key create` on an existing name is enough). Leave it false and list further keys in spec.keys.',
      ),
    followCalls: z
      .boolean()
      .default(false)
      .describe(
        'Follows the audit log of KES, so that a MinIO that was connected and never calls is reported (condition Used of its KesIdentity). HAZARD: KES v0.22.3 writes that log without a lock. While somebody follows it, about one in a thousand parallel calls fails (measured), and none otherwise. Turn it on to look, and off again.',
      ),
    acceptPredictableDataKeys: z
      .boolean()
      .default(false)
      .describe(
        'Hands out identities even though this KES generates data keys that anyone can compute (KES v0.19.2 to 2023-02 built with Go before 1.20). Only for reading old objects.',
      ),
    existing: z
      .object({
        claimName: ObjectName.describe(
          'The PersistentVolumeClaim in the release namespace that holds the data directory.',
        ),
        dataPath: z
          .string()
          .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/)
          .max(253)
          .default('kes')
          .describe(
            'Where on that volume the data directory lies (the one that holds `.unseal`), without a leading slash.',
          ),
        unsealSecretRef: SecretKeyRef('key').describe('The unseal key: base64 of 32 bytes, as KES reads it.'),
        adminSecretRef: PairSecretRef.describe("The key pair of the enclave's administrator."),
        systemAdminSecretRef: PairSecretRef.optional().describe(
          'The key pair of the system administrator. Without it no enclave can be made or sealed, which nothing here needs.',
        ),
        importAuthority: PairSecretRef.optional().describe(
          'The authority that the running clients trust, with its key. None: a new one is made, and clients of the former one must be given it.',
        ),
      })
      .optional()
      .meta({
        description:
          'Takes over a stateful KES that was made by hand: nothing is initialised and nothing encrypted again.',
        ...validations({ rule: 'self == oldSelf', message: 'existing cannot be changed: it says where the keys lie' }),
      }),
    resources: Resources,
  })
  .describe('The embedded key server: needs no other system; keys lie sealed on a volume. Exactly one replica.')
  .meta(
    validations({
      rule: 'has(self.existing) == has(oldSelf.existing)',
      message: 'existing cannot be added or removed: the keys lie where the key server was made',
    }),
  )
