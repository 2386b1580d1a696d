import * as z from 'zod'
import { Duration, Lifetime } from './duration.ts'
import type { Condition } from './conditions.ts'
import { Grants } from './grants.ts'
import { keyNamePattern } from './keyName.ts'
import { validations } from './validation.ts'

/** Name of an object that the controller derives other names from: `kes-NAME-0` must stay a DNS label. */
export const keyServerNameMax = 40

const Image = z.string().min(1).max(512)

const ObjectName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/)
  .max(253)

/** A Secret of the release namespace, and which of its entries. */
const SecretKeyRef = (key: string) =>
  z.object({
    name: ObjectName.describe('Name of the Secret.'),
    key: z
      .string()
      .regex(/^[-._a-zA-Z0-9]+$/)
      .max(253)
      .default(key)
      .describe('Its entry.'),
  })

/** A Secret of the release namespace with a pair: `tls.crt` and `tls.key`, or `public.crt` and `private.key` as made by hand. */
const PairSecretRef = z.object({ name: ObjectName.describe('Name of the Secret.') })

const Resources = z.looseObject({}).optional().meta({
  description: 'Resource requests and limits of the KES container.',
  'x-kubernetes-preserve-unknown-fields': true,
})

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

const Server = z
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

const External = z
  .object({
    endpoints: z
      .array(
        z
          .string()
          .regex(/^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/)
          .max(270),
      )
      .min(1)
      .max(9)
      .describe('Where KES answers: https://HOST:PORT, each. MinIO takes the next one where one does not answer.')
      .meta({ 'x-kubernetes-list-type': 'atomic' }),
    caSecretRef: SecretKeyRef('ca.crt').describe(
      'The certificate of the authority of the server, in a Secret of the release namespace. It is what MinIO trusts.',
    ),
    adminSecretRef: PairSecretRef.optional().describe(
      "The key pair of an administrator of that server (stateful KES: of the enclave's): identities are then enrolled over its REST API. None: the identity to enrol and its policy are shown in the status of the KesIdentity, and it waits.",
    ),
    allowKeyCreation: z
      .boolean()
      .default(false)
      .describe(
        'Lets MinIO create keys. HAZARD on a stateful KES: a creation of a key that exists replaces it after a restart.',
      ),
  })
  .describe('A KES that somebody else runs.')

/** Lifetimes of the certificates of a key server and its clients. */
export const Certificates = z
  .object({
    authority: Lifetime.default('43800h')
      .describe('Lifetime of the certificate authority.')
      .meta(
        validations({
          rule: "duration(self) >= duration('24h')",
          message: 'an authority must live for at least a day: in its last hour it issues nothing',
        }),
      ),
    server: Lifetime.default('2160h').describe('Lifetime of the certificate that KES serves.'),
    client: Lifetime.default('2160h').describe('Lifetime of the client certificates of MinIO and of the controller.'),
    renewAt: z
      .number()
      // A certificate begins five minutes before it is issued: a smaller part of an hour would be over at once.
      .min(0.2)
      .max(0.9)
      .default(0.667)
      .describe('The part of its lifetime after which a certificate is renewed, with the same key.'),
    issuerRef: z
      .object({
        name: ObjectName.describe('Its name.'),
        kind: z
          .string()
          .min(1)
          .max(63)
          .default('ClusterIssuer')
          .describe('ClusterIssuer, or Issuer (one in the release namespace), or the kind of an external issuer.'),
        group: z.string().min(1).max(253).default('cert-manager.io').describe('Its API group.'),
      })
      .optional()
      .meta({
        description:
          'A cert-manager issuer that signs the certificates of KES and of its clients. The keys stay with the controller: a renewal keeps them, whatever the issuer does. None: an authority of our own.',
        ...validations({
          rule: 'self == oldSelf',
          message: 'issuerRef cannot be changed: clients trust the authority behind it',
        }),
      }),
  })
  .default({ authority: '43800h', server: '2160h', client: '2160h', renewAt: 0.667 })
  .describe('Lifetimes. A renewal keeps the key, and so the identity: nothing is restarted.')
  .meta(
    validations({
      rule: 'has(self.issuerRef) == has(oldSelf.issuerRef)',
      message: 'issuerRef cannot be added or removed: clients trust the authority behind it',
    }),
  )

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
        rule: '!has(self.certificates) || !has(self.certificates.issuerRef) || has(self.stateful)',
        message:
          'certificates.issuerRef goes with spec.stateful only, as yet: the others are served by an authority of our own',
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
