import { durationMs } from '../../api/duration.ts'
import type { KeyServer, KeyServerStatus } from '../../api/keyServer.ts'
import { violation, type Violation } from '../../pki/renewal.ts'
import type { Found, StoredPair } from '../found.ts'
import type { Ask } from '../issuance/ask.ts'
import type { Issuance } from '../issuance/issuer.ts'
import { hasStood, isTrusted, issuerProblem } from '../issuance/problem.ts'
import type { AuthorityFacts } from '../storedAuthority.ts'
import { no, yes, type Said } from './claim.ts'

/** What is true of the certificate that KES serves, and of the authority behind it. */
export interface ServedCertificate {
  readonly keyServer: KeyServer
  readonly status: KeyServerStatus
  readonly dnsNames: readonly string[]
  readonly authority: Found<AuthorityFacts>
  readonly serverCertificate: Found<StoredPair>
  /** How far an issuer elsewhere has come; `ours` where our own authority signs. */
  readonly issuance: Issuance
}

export type CertificateStep =
  | { readonly do: 'createAuthority' }
  /** By our own authority; for an issuer elsewhere the key that it is to vouch for, which nobody trusts yet. */
  | { readonly do: 'issueServerCertificate' }
  | { readonly do: 'requestServerCertificate' }
  /** The root of the first chain that the issuer answered is what clients trust from then on. */
  | { readonly do: 'recordAuthority' }
  | { readonly do: 'takeServerCertificate' }
  | { readonly do: 'dropServerRequest' }

/** `wait`: nothing that builds on the certificate may be done before the issuer has answered. */
type Next = CertificateStep | 'wait' | undefined

/** What the issuer of a KeyServer is asked for its certificate; undefined where there is no key yet, or nobody to ask. */
export function serverAsk({
  keyServer,
  serverCertificate,
  dnsNames,
}: Omit<ServedCertificate, 'issuance'>): Ask | undefined {
  if (serverCertificate.is !== 'found' || !keyServer.spec.certificates.issuerRef) return undefined
  return {
    keyServer,
    purpose: 'server',
    commonName: 'kes-injector key server',
    organizations: [],
    usages: ['server'],
    dnsNames,
    ipAddresses: [],
    lifetime: keyServer.spec.certificates.server,
    stored: serverCertificate.value,
  }
}

const afterRefusal = (refusal: { readonly at: Date | undefined }, now: Date): Next =>
  hasStood(refusal, now) ? { do: 'dropServerRequest' } : 'wait'

/** How there comes to be an authority where the status never recorded one. */
export function authorityStep(observed: ServedCertificate, now: Date): Next {
  const { keyServer, status, authority, serverCertificate, issuance } = observed
  if (authority.is !== 'missing' || status.authority) return undefined
  if (!keyServer.spec.certificates.issuerRef) return { do: 'createAuthority' }
  if (serverCertificate.is !== 'found') return { do: 'issueServerCertificate' }
  switch (issuance.is) {
    case 'none':
      return { do: 'requestServerCertificate' }
    case 'issued':
      return { do: 'recordAuthority' }
    case 'refused':
      return afterRefusal(issuance, now)
    case 'ours':
    case 'pending':
      return 'wait'
  }
}

/** Why the certificate has to be issued again. */
export function serverCertificateViolation(
  { keyServer, authority, serverCertificate, dnsNames }: Omit<ServedCertificate, 'issuance' | 'status'>,
  now: Date,
): Violation | undefined {
  if (authority.is !== 'found') return undefined
  const { certificates } = keyServer.spec
  return violation(
    serverCertificate.is === 'found' ? serverCertificate.value.pem : undefined,
    {
      usages: ['server'],
      dnsNames,
      ipAddresses: [],
      authorityPem: authority.value.certificatePem,
      lifetimeMs: durationMs(certificates.server),
      renewAt: certificates.renewAt,
      jitterSeed: `${keyServer.metadata.name}-server`,
      elsewhere: certificates.issuerRef !== undefined,
    },
    now,
  )
}

/** The next step towards a certificate that is good. While a good one waits for its renewal, everything else goes on. */
export function renewalStep(observed: ServedCertificate, now: Date): Next {
  const due = serverCertificateViolation(observed, now)
  if (!due) return undefined
  const { serverCertificate, issuance, authority } = observed
  const meanwhile = due.reason === 'RenewalDue' ? undefined : 'wait'
  if (serverCertificate.is !== 'found') return { do: 'issueServerCertificate' }
  switch (issuance.is) {
    case 'ours':
      return { do: 'issueServerCertificate' }
    case 'none':
      return { do: 'requestServerCertificate' }
    case 'issued':
      return isTrusted(issuance.chain, pemOf(authority)) ? { do: 'takeServerCertificate' } : meanwhile
    case 'refused': {
      const next = afterRefusal(issuance, now)
      return next === 'wait' ? meanwhile : next
    }
    case 'pending':
      return meanwhile
  }
}

const pemOf = (authority: Found<AuthorityFacts>): string | undefined =>
  authority.is === 'found' ? authority.value.certificatePem : undefined

/** Of an issuer elsewhere only: what it has done, or why it has not. */
export function issuedElsewhere({ keyServer, issuance, authority }: ServedCertificate): Said | undefined {
  if (!keyServer.spec.certificates.issuerRef) return undefined
  const problem = issuerProblem(issuance, pemOf(authority))
  if (problem) return no('Issued', problem.reason, problem.message)
  return authority.is === 'found'
    ? yes('Issued', 'Issued', 'the issuer signed the certificate that KES serves')
    : no('Issued', 'Asking', 'the issuer was not asked yet')
}
