import * as z from 'zod'
import { Lifetime } from './duration.ts'
import { ObjectName } from './specParts.ts'
import { validations } from './validation.ts'

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
