import type { X509Certificate } from 'node:crypto'
import type { Client } from '../kube/client.ts'
import type { Ref } from '../kube/object.ts'
import { secrets, type Secret } from '../kube/resources.ts'
import { loadAuthority, type Authority } from '../pki/authority.ts'
import { certificateFacts, type CertificateFacts } from '../pki/certificateFacts.ts'
import { readCertificate } from '../pki/certificateParts.ts'
import { broken, missing, pairPemOf, readOr, secretText, type Found } from './found.ts'

/** Facts of a stored authority; its key stays with whoever issues. */
export interface AuthorityFacts extends Pick<CertificateFacts, 'fingerprint' | 'notBefore' | 'notAfter'> {
  readonly certificatePem: string
}

/** What the Secret of an authority that signs elsewhere holds: its certificate, for clients to trust. Its key was never here. */
export function foundTrust(secret: Secret | undefined): Found<AuthorityFacts> {
  if (!secret) return missing
  const certificatePem = secretText(secret, 'tls.crt')
  if (certificatePem === undefined) return broken('tls.crt is not there')
  return readOr(() => factsOf(readCertificate(certificatePem)))
}

/** What the Secret of an authority holds, its key checked against its certificate. */
export function foundAuthority(secret: Secret | undefined): Found<AuthorityFacts> {
  if (!secret) return missing
  const pem = pairPemOf(secret)
  if (!pem) return broken('tls.crt or tls.key is not there')
  return readOr(() => {
    const { certificatePem } = loadAuthority(pem.certificatePem, pem.keyPem)
    return factsOf(readCertificate(certificatePem))
  })
}

function factsOf(certificate: X509Certificate): AuthorityFacts {
  const { fingerprint, notBefore, notAfter } = certificateFacts(certificate)
  return { certificatePem: certificate.toString(), fingerprint, notBefore, notAfter }
}

/** The authority to issue from. Throws where its Secret went away since it was observed, and PkiError where it cannot be read. */
export async function storedAuthority(client: Client, ref: Ref): Promise<Authority> {
  const secret = await client.get(secrets, ref)
  const pem = secret && pairPemOf(secret)
  if (!pem) throw new Error(`the authority in the Secret ${ref.name} went away`)
  return loadAuthority(pem.certificatePem, pem.keyPem)
}
