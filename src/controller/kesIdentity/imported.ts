import { createPublicKey } from 'node:crypto'
import type { KesIdentity } from '../../api/kesIdentity.ts'
import type { KeyServer } from '../../api/keyServer.ts'
import { identityOf } from '../../kes/identity.ts'
import { objectKey } from '../../kube/object.ts'
import type { Secret } from '../../kube/resources.ts'
import { parsePrivateKey } from '../../pki/privateKey.ts'
import { broken, missing, readOr, secretText, type Found } from '../found.ts'
import type { Imported } from './observed.ts'

/** Names of a private key in Secrets: Kubernetes' own, and the one that MinIO's and KES's manuals use. */
const keyEntries = ['tls.key', 'private.key'] as const

/** The key in a Secret that was made by hand. Its certificate does not matter: KES knows a caller by the public key alone. */
export function foundKey(secret: Secret | undefined): Found<Imported> {
  if (!secret) return missing
  const pem = keyEntries.map((entry) => secretText(secret, entry)).find((text) => text !== undefined)
  if (pem === undefined) return broken(`there is neither ${keyEntries.join(' nor ')} in it`)
  return readOr(() => {
    const key = parsePrivateKey(pem)
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    return { key, identity: identityOf(publicKey) }
  })
}

/** cert-manager writes the name of its Certificate on the Secrets that it keeps (cert-manager `CertificateNameKey`). */
const certificateNameAnnotation = 'cert-manager.io/certificate-name'

/** The Certificate of cert-manager that keeps a Secret; undefined where none does. */
export const certificateOf = (secret: Secret | undefined): string | undefined =>
  secret?.metadata.annotations?.[certificateNameAnnotation]

/** Who of two was there first; by name where they were made in the same second. */
const isOlder = (one: KesIdentity, other: KesIdentity): boolean => {
  const [left = '', right = ''] = [one, other].map(({ metadata }) => metadata.creationTimestamp)
  return left === right ? objectKey(one) < objectKey(other) : left < right
}

/**
 * Whose an identity is already: one can have one policy at KES, so the second enrolment would take it from the first; and an
 * administrator among the policies keeps a current KES from starting. Undefined: nobody's.
 */
export function belongsTo(
  hex: string,
  identity: KesIdentity,
  keyServer: KeyServer,
  all: readonly KesIdentity[],
): string | undefined {
  const { system, enclave } = keyServer.status?.admin ?? {}
  if (hex === system || hex === enclave) return "an administrator's of the key server"
  const owner = all.find(
    (each) => objectKey(each) !== objectKey(identity) && each.status?.identity === hex && isOlder(each, identity),
  )
  return owner && `that of the KesIdentity ${objectKey(owner)}`
}
