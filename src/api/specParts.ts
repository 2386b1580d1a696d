import * as z from 'zod'

/** Name of an object of Kubernetes. */
export const ObjectName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/)
  .max(253)

/** A Secret of the release namespace, and which of its entries. */
export const SecretKeyRef = (key: string) =>
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
export const PairSecretRef = z.object({ name: ObjectName.describe('Name of the Secret.') })

export const Resources = z.looseObject({}).optional().meta({
  description: 'Resource requests and limits of the KES container.',
  'x-kubernetes-preserve-unknown-fields': true,
})

/** A container image by its name. */
export const Image = z.string().min(1).max(512)
