import * as z from 'zod'
import { PairSecretRef, SecretKeyRef } from './specParts.ts'

/** `spec.external` of a KeyServer. */
export const External = z
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
