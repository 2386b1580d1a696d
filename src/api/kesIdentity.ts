import { z } from 'zod'
import type { Condition } from './conditions.ts'
import { keyNamePattern } from './keyName.ts'
import { validations } from './validation.ts'

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
  })
  .describe('Who the identity is for and what it may do.')

export const KesIdentityStatus = z.object({
  observedGeneration: z.number().int().optional(),
  identity: z
    .string()
    .optional()
    .describe('Lower-case hex SHA-256 of the public key (SubjectPublicKeyInfo). A renewal does not change it.'),
  keyName: z.string().optional(),
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
    readonly deletionTimestamp?: string
    readonly finalizers?: readonly string[]
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: KesIdentitySpec
  readonly status?: KesIdentityStatus
}
