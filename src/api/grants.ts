import * as z from 'zod'
import { grantPattern } from './keyName.ts'

/** `spec.grants` of a KeyServer. */
export const Grants = z
  .array(
    z.object({
      namespace: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
        .describe('Name of the namespace.'),
      keys: z
        .array(z.string().regex(grantPattern))
        .min(1)
        .max(100)
        .describe(
          'Names of keys in full, or NAME* for every key whose name begins so: those of other namespaces too, where their prefix begins so. Better name each.',
        )
        .meta({ 'x-kubernetes-list-type': 'set' }),
    }),
  )
  .max(1000)
  .optional()
  .meta({
    description:
      'Keys outside its own prefix that a namespace may use: those of a server that was made by hand, say. They are used, never created, replaced or deleted by whom they are granted to. HAZARD: two namespaces that may use one key can read whatever of each other they get hold of, and taking a grant away locks out whoever encrypted with that key.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['namespace'],
  })
