import type { X509Certificate } from 'node:crypto'
import { certificateFacts } from './certificateFacts.ts'
import type { LeafNames } from './extensions.ts'
import { checkedDnsName, checkedIpAddress } from './names.ts'
import { certificatesIn } from './pair.ts'
import { PkiError } from './pkiError.ts'

/** What somebody else's authority answered: the leaf with whatever came along, and what to trust. */
export interface Answered {
  readonly chainPem: string
  /** May be empty: then the root must stand at the end of the chain. */
  readonly authorityPem: string
}

/** A chain as KES and MinIO take it. */
export interface Chain {
  /** The leaf, then each certificate's issuer, without the root. */
  readonly certificatePem: string
  /** The root. */
  readonly authorityPem: string
}

export interface WantedLeaf extends LeafNames {
  /** DER SubjectPublicKeyInfo of the key that was sent. */
  readonly spki: Buffer
}

const leastLeftMs = 60 * 60_000
/** More certificates between a leaf and its root than anybody has. */
const longestPath = 5

/**
 * Checks what an authority elsewhere issued against what was asked, as strictly as the strictest reader: exactly one leaf (KES answers
 * 400 to two), CA:FALSE, with our key, good for what it is for, and a path of signatures to one root. Throws `ChainRefused` with the
 * reason in a sentence; `PemInvalid` and `CertificateUnreadable` for what is no chain.
 */
export function checkChain({ chainPem, authorityPem }: Answered, wanted: WantedLeaf, now: Date): Chain {
  const [leaf, ...others] = certificatesIn(chainPem)
  if (!leaf) throw refused('there is no certificate in the answer')
  checkLeaf(leaf, wanted, now)
  if (others.some(({ ca }) => !ca)) throw refused('there is a second leaf in the chain, and KES refuses two')
  const roots = certificatesIn(authorityPem)
  const { path, root } = pathOf(leaf, others, roots)
  return { certificatePem: path.map(String).join(''), authorityPem: root.toString() }
}

/** Whether a leaf, with the certificates that lie beside it, leads to this root. */
export function leadsTo(leaf: X509Certificate, beside: readonly X509Certificate[], root: X509Certificate): boolean {
  try {
    return pathOf(leaf, beside, [root]).root.fingerprint256 === root.fingerprint256
  } catch (error) {
    if (error instanceof PkiError) return false
    throw error
  }
}

function checkLeaf(leaf: X509Certificate, wanted: WantedLeaf, now: Date): void {
  if (leaf.ca) throw refused('the first certificate is an authority (CA:TRUE), and KES would not look at it')
  const facts = certificateFacts(leaf)
  if (!facts.spki.equals(wanted.spki))
    throw refused(
      'the certificate is for another key than the one that was sent: the KES identity would be another one',
    )
  const usage = wanted.usages.find((each) => !facts.usages.includes(each))
  if (usage !== undefined) throw refused(`the certificate is not good for a ${usage} (extended key usage)`)
  const name =
    wanted.dnsNames.map(checkedDnsName).find((each) => !facts.dnsNames.includes(each)) ??
    wanted.ipAddresses.map(checkedIpAddress).find((each) => !facts.ipAddresses.includes(each))
  if (name !== undefined) throw refused(`the certificate does not name ${name}`)
  if (facts.notAfter.getTime() - now.getTime() < leastLeftMs)
    throw refused(`the certificate ends at ${facts.notAfter.toISOString()}, within the hour`)
}

const isRoot = (certificate: X509Certificate): boolean =>
  certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)

const issued = (authority: X509Certificate, certificate: X509Certificate): boolean =>
  authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey)

function pathOf(
  leaf: X509Certificate,
  beside: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): { readonly path: readonly X509Certificate[]; readonly root: X509Certificate } {
  const path = [leaf]
  for (let last = leaf; path.length <= longestPath;) {
    const above = last
    const root = [...roots, ...beside.filter(isRoot)].find((each) => issued(each, above))
    if (root) return { path, root }
    const next = beside.find((each) => !isRoot(each) && issued(each, above) && !path.includes(each))
    if (!next)
      throw refused(
        roots.length === 0
          ? 'the issuer names no authority (status.ca is empty), so nobody could trust what it issued'
          : 'the chain does not lead to the authority that the issuer names',
      )
    path.push(next)
    last = next
  }
  throw refused(`the chain is longer than ${longestPath} certificates`)
}

const refused = (message: string): PkiError => new PkiError('ChainRefused', message)
