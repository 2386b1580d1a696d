import * as z from 'zod'
import type { Condition } from './conditions.ts'
import { keyNamePattern } from './keyName.ts'
import { validations } from './validation.ts'

/** A path of KES's API, with a star at its end at most: so it means the same in both dialects of KES. */
const PathPattern = z
  .string()
  .regex(/^\/[A-Za-z0-9/_-]+\*?$/)
  .max(200)

export const KesIdentitySpec = z
  .object({
    keyServerRef: z.object({ name: z.string().min(1).max(63).describe('Its name.') }).meta({
      description: 'The KeyServer that shall know this identity.',
      ...validations({
        rule: 'self == oldSelf',
        message: 'keyServerRef cannot be changed: objects are encrypted with keys of that server',
      }),
    }),
    secretName: z
      .string()
      .min(1)
      .max(253)
      .default('kes-client')
      .describe(
        'The Secret with tls.crt, tls.key and ca.crt. The controller may only write names that the chart lists (workloadSecretNames).',
      )
      .meta(validations({ rule: 'self == oldSelf', message: 'secretName cannot be changed: pods mount it' })),
    keyName: z
      .string()
      .regex(keyNamePattern)
      .optional()
      .describe('The default key. None: the prefix of the namespace, followed by `minio`.'),
    keys: z
      .array(z.string().regex(keyNamePattern))
      .max(200)
      .optional()
      .describe(
        'Further keys to make sure of, each without the prefix of the namespace, which is put before it. A key is created only if the server says that it does not exist, and never a second time.',
      )
      .meta({ 'x-kubernetes-list-type': 'set' }),
    policy: z
      .object({
        allow: z
          .array(PathPattern)
          .max(100)
          .default([])
          .describe(
            "Further API paths of KES that it may call, such as /v1/key/create/PREFIX_*: keys outside the namespace's prefix and grants are refused.",
          ),
        deny: z
          .array(PathPattern)
          .max(100)
          .default([])
          .describe('API paths that it may not call, whatever is allowed.'),
      })
      .default({ allow: [], deny: [] })
      .describe('What it may do besides what every MinIO does with the keys of its namespace.'),
    importSecretRef: z
      .object({
        name: z
          .string()
          .min(1)
          .max(253)
          .describe('Name of the Secret: it must be listed in the chart (workloadSecretNames).'),
      })
      .optional()
      .meta({
        description:
          'A Secret of the namespace with a key pair that is in use already: it becomes the pair of this identity, so that nothing changes for whoever uses it. Read once, at the first issue.',
        ...validations({
          rule: 'self == oldSelf',
          message: 'importSecretRef cannot be changed: the identity came from it',
        }),
      }),
  })
  .describe('Who the identity is for and what it may do.')
  .meta(
    validations({
      rule: 'has(self.importSecretRef) == has(oldSelf.importSecretRef)',
      message: 'importSecretRef cannot be added or removed: it is read once, at the first issue',
    }),
  )

export const KesIdentityStatus = z.object({
  observedGeneration: z.number().int().optional(),
  identity: z
    .string()
    .optional()
    .describe('Lower-case hex SHA-256 of the public key (SubjectPublicKeyInfo). A renewal does not change it.'),
  keyName: z.string().optional(),
  enrol: z
    .object({ policy: z.string(), configuration: z.string() })
    .optional()
    .describe(
      'Where nobody but a person can enrol it: the name of its policy, and what to add to the `policy` section of the configuration of KES.',
    ),
  lastSeen: z
    .string()
    .optional()
    .describe(
      'When the key server last saw a call with this identity that was not the controller, to the hour. A stateful KES only.',
    ),
  notAfter: z.string().optional(),
  renewalTime: z.string().optional(),
  conditions: z.array(z.looseObject({})).optional(),
})

export type KesIdentitySpec = z.infer<typeof KesIdentitySpec>
export type KesIdentityStatus = Omit<z.infer<typeof KesIdentityStatus>, 'conditions'> & {
  readonly conditions?: readonly Condition[] | undefined
}

/** A client identity at a key server: one per opted-in namespace, made by the controller; people may make more. */
export interface KesIdentity {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid?: string
    readonly generation?: number
    readonly resourceVersion?: string
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly finalizers?: readonly string[]
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: KesIdentitySpec
  readonly status?: KesIdentityStatus
}
