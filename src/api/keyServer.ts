import { z } from 'zod'
import { Duration } from './duration.ts'
import type { Condition } from './conditions.ts'
import { keyNamePattern } from './keyName.ts'
import { validations } from './validation.ts'

/** Name of an object that the controller derives other names from: `kes-NAME-0` must stay a DNS label. */
export const keyServerNameMax = 40

const Image = z.string().min(1).max(512)

const Stateful = z
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
    acceptPredictableDataKeys: z
      .boolean()
      .default(false)
      .describe(
        'Hands out identities even though this KES generates data keys that anyone can compute (KES v0.19.2 to 2023-02 built with Go before 1.20). Only for reading old objects.',
      ),
    resources: z.looseObject({}).optional().meta({
      description: 'Resource requests and limits of the KES container.',
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  })
  .describe('The embedded key server: needs no other system; keys lie sealed on a volume. Exactly one replica.')

/** Lifetimes of the certificates of a key server and its clients. */
export const Certificates = z
  .object({
    authority: Duration.default('43800h')
      .describe('Lifetime of the certificate authority.')
      .meta(
        validations({
          rule: "duration(self) >= duration('24h')",
          message: 'an authority must live for at least a day: in its last hour it issues nothing',
        }),
      ),
    server: Duration.default('2160h').describe('Lifetime of the certificate that KES serves.'),
    client: Duration.default('2160h').describe('Lifetime of the client certificates of MinIO and of the controller.'),
    renewAt: z
      .number()
      // A certificate begins five minutes before it is issued: a smaller part of an hour would be over at once.
      .min(0.2)
      .max(0.9)
      .default(0.667)
      .describe('The part of its lifetime after which a certificate is renewed, with the same key.'),
  })
  .default({ authority: '43800h', server: '2160h', client: '2160h', renewAt: 0.667 })
  .describe('Lifetimes. A renewal keeps the key, and so the identity: nothing is restarted.')

export const KeyServerSpec = z
  .object({
    stateful: Stateful.optional(),
    namespaces: z
      .object({
        selector: z
          .object({
            matchLabels: z
              .record(z.string(), z.string())
              .optional()
              .describe('Labels that a namespace must carry, all of them.'),
            matchExpressions: z
              .array(
                z.object({
                  key: z.string().describe('The name of the label.'),
                  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('What must hold for its value.'),
                  values: z.array(z.string()).optional().describe('The values for In and NotIn; none for the others.'),
                }),
              )
              .optional()
              .describe('Requirements on labels, of which all must hold.'),
          })
          .default({})
          .describe('Label selector over namespaces. Empty: every namespace that opted in.'),
      })
      .default({ selector: {} })
      .describe('Which namespaces may use this key server.'),
    keyPrefix: z
      .string()
      .max(60)
      .default('{namespace}_')
      .describe(
        "What the names of a namespace's keys begin with. It contains {namespace} and ends with `_`, which no namespace name can contain, so no prefix is the beginning of another one.",
      )
      .meta(
        validations(
          { rule: 'self == oldSelf', message: 'keyPrefix cannot be changed: existing keys would be out of reach' },
          {
            rule: "self.matches('^[A-Za-z0-9_-]*[{]namespace[}][A-Za-z0-9-]*_$')",
            message:
              'keyPrefix must contain {namespace} and end with "_", with letters, digits and "-" between them: only so is no prefix the beginning of another one',
          },
        ),
      ),
    keys: z
      .array(z.string().regex(keyNamePattern))
      .max(1000)
      .default([])
      .describe(
        'Further names of keys to make sure of, in full, prefix included. A key is created only if the server says that it does not exist, and never a second time.',
      )
      .meta({ 'x-kubernetes-list-type': 'set' }),
    certificates: Certificates,
  })
  .describe('What the key server is, who may use it, and how long its certificates live.')
  .meta(
    validations(
      { rule: 'has(self.stateful)', message: 'say which kind of key server this is: spec.stateful' },
      {
        rule: 'has(self.stateful) == has(oldSelf.stateful)',
        message: 'the kind of a key server cannot be changed: its keys cannot be moved. Make a second KeyServer',
      },
    ),
  )

export const KeyServerStatus = z.object({
  observedGeneration: z.number().int().optional(),
  endpoint: z.string().optional().describe('What clients dial.'),
  authority: z
    .object({ fingerprint: z.string(), notAfter: z.string(), generation: z.number().int() })
    .optional()
    .describe(
      'The authority that clients trust. Once recorded, a missing authority is an alarm and never a reason to make another one.',
    ),
  unsealKey: z
    .object({ fingerprint: z.string() })
    .optional()
    .describe(
      'SHA-256 of the unseal key. Once recorded, a missing or different unseal key is an alarm, never a reason to make another one.',
    ),
  admin: z
    .object({ system: z.string(), enclave: z.string() })
    .optional()
    .describe('Identities of the two administrators that the data was initialised with: they cannot be changed later.'),
  initializedAt: z
    .string()
    .optional()
    .describe(
      'When the server was first seen with its data. From then on an empty volume is an alarm and is never initialised again.',
    ),
  keys: z
    .array(z.string())
    .optional()
    .describe('Keys that were seen to exist. One that later does not exist is an alarm and is never created again.'),
  replicas: z
    .array(z.object({ pod: z.string(), certificateNotAfter: z.string().optional(), startedAt: z.string().optional() }))
    .optional(),
  conditions: z.array(z.looseObject({})).optional(),
})

export type KeyServerSpec = z.infer<typeof KeyServerSpec>
export type KeyServerStatus = Omit<z.infer<typeof KeyServerStatus>, 'conditions'> & {
  readonly conditions?: readonly Condition[] | undefined
}

/** A key server (cluster-scoped, as an issuer is; its pods, volumes and Secrets live in the release namespace, away from the tenants). */
export interface KeyServer {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly uid?: string
    readonly generation?: number
    readonly resourceVersion?: string
    readonly deletionTimestamp?: string
    readonly finalizers?: readonly string[]
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: KeyServerSpec
  readonly status?: KeyServerStatus
}
