import * as z from 'zod'
import { Certificates } from './certificates.ts'
import type { Condition } from './conditions.ts'
import { Grants } from './grants.ts'
import { External } from './externalSpec.ts'
import { keyNamePattern } from './keyName.ts'
import { Server } from './serverSpec.ts'
import { Stateful } from './statefulSpec.ts'
import { validations } from './validation.ts'

/** Name of an object that the controller derives other names from: `kes-NAME-0` must stay a DNS label. */
export const keyServerNameMax = 40

export const KeyServerSpec = z
  .object({
    stateful: Stateful.optional(),
    server: Server.optional(),
    external: External.optional(),
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
    grants: Grants,
    certificates: Certificates,
  })
  .describe('What the key server is, who may use it, and how long its certificates live.')
  .meta(
    validations(
      {
        rule: '[has(self.stateful), has(self.server), has(self.external)].filter(given, given).size() == 1',
        message: 'say which kind of key server this is, exactly one of spec.stateful, spec.server and spec.external',
      },
      {
        rule: "!has(self.certificates) || !has(self.certificates.issuerRef) || has(self.stateful) || (has(self.server) && (!has(self.server.placement) || self.server.placement == 'Service'))",
        message:
          'certificates.issuerRef goes with spec.stateful and with spec.server in pods of its own (placement Service): nobody else is served by certificates of ours that an issuer could sign',
      },
      {
        rule: 'has(self.stateful) == has(oldSelf.stateful) && has(self.server) == has(oldSelf.server) && has(self.external) == has(oldSelf.external)',
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
    .describe(
      'Identities of the two administrators that the data was initialised with: they cannot be changed later. `system` is empty where a server was taken over without its key pair.',
    ),
  initializedAt: z
    .string()
    .optional()
    .describe(
      'When the server was first seen with its data. From then on an empty volume is an alarm and is never initialised again.',
    ),
  configuration: z
    .object({ hash: z.string(), problem: z.string().optional() })
    .optional()
    .describe('The configuration that a current KES is to have: a hash of it, and why a newer one was not taken.'),
  version: z.string().optional().describe('What KES says of its version; it is no proof of anything.'),
  keys: z
    .array(z.string())
    .optional()
    .describe('Keys that were seen to exist. One that later does not exist is an alarm and is never created again.'),
  replicas: z
    .array(
      z.object({
        pod: z.string(),
        certificateNotAfter: z.string().optional(),
        startedAt: z.string().optional(),
        kesStartedAt: z
          .string()
          .optional()
          .describe('When the KES process itself started: a restart in place starts it anew in the same container.'),
        configHash: z.string().optional(),
        identities: z.number().int().optional(),
      }),
    )
    .optional(),
  conditions: z.array(z.looseObject({})).optional(),
})

/** The three kinds of key server. */
export type KeyServerKind = 'stateful' | 'server' | 'external'

/** Which of the three it is; undefined for an object that the API server would not have stored. */
export const kindOf = ({ stateful, server, external }: KeyServerSpec): KeyServerKind | undefined =>
  stateful ? 'stateful' : server ? 'server' : external ? 'external' : undefined

/** May MinIO create keys on this server itself? */
export const allowsKeyCreation = ({ stateful, server, external }: KeyServerSpec): boolean =>
  (stateful ?? server ?? external)?.allowKeyCreation ?? false

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
