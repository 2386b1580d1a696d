import type { Secret } from '../../kube/resources.ts'
import { readPair, type PairPem } from '../../pki/pair.ts'
import { broken, missing, readOr, secretText, type Found } from '../found.ts'

/** Names of a pair in Secrets: Kubernetes' own, and those that MinIO's and KES's manuals use. */
const entries = [
  ['tls.crt', 'tls.key'],
  ['public.crt', 'private.key'],
] as const

/** The pair of an administrator as a person laid it down. */
export function adminPairOf(secret: Secret | undefined): Found<PairPem> {
  if (!secret) return missing
  for (const [certificate, key] of entries) {
    const [certificatePem, keyPem] = [secretText(secret, certificate), secretText(secret, key)]
    if (certificatePem === undefined || keyPem === undefined) continue
    return readOr(() => {
      readPair({ certificatePem, keyPem })
      return { certificatePem, keyPem }
    })
  }
  return broken(`there is neither ${entries.map((pair) => pair.join(' and ')).join(' nor ')} in it`)
}
