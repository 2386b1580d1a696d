import { durationMs } from '../../api/duration.ts'
import { renewalTime, violation, type Violation } from '../../pki/renewal.ts'
import type { Ask } from '../issuance/ask.ts'
import { hasStood, isTrusted, issuerProblem } from '../issuance/problem.ts'
import { keptSecretName } from './names.ts'
import type { Observed, Obstacle } from './observed.ts'

export type IssueStep =
  /** A new certificate for the same key, of our own authority. */
  | { readonly do: 'renew'; readonly why: Violation['reason'] }
  /** The same from an issuer elsewhere: ask, take what it answered, or ask again after it refused. */
  | { readonly do: 'request' }
  | { readonly do: 'take'; readonly why: Violation['reason'] }
  | { readonly do: 'dropRequest' }

/** Tells apart certificates that were issued together, so that they are not renewed together. */
const jitterSeed = ({ identity }: Pick<Observed, 'identity'>): string =>
  `${identity.metadata.namespace}/${identity.metadata.name}`

/** Why the certificate has to be issued again. */
export function certificateViolation(observed: Observed, now: Date): Violation | undefined {
  const { keyServer, authorityPem, kept } = observed
  if (!keyServer || authorityPem === undefined || kept.is !== 'found') return undefined
  const { client, renewAt, issuerRef } = keyServer.spec.certificates
  return violation(
    kept.value.pem,
    {
      usages: ['client'],
      dnsNames: [],
      ipAddresses: [],
      authorityPem,
      lifetimeMs: durationMs(client),
      renewAt,
      jitterSeed: jitterSeed(observed),
      elsewhere: issuerRef !== undefined,
    },
    now,
  )
}

/** When the certificate that is kept will be renewed. */
export function renewalTimeOf(observed: Observed): Date | undefined {
  const { kept, keyServer } = observed
  if (kept.is !== 'found' || !keyServer) return undefined
  return renewalTime(kept.value, keyServer.spec.certificates.renewAt, jitterSeed(observed))
}

/** What the issuer of the key server is asked for this identity; undefined where there is no key yet, or nobody to ask. */
export function identityAsk({
  identity,
  keyServer,
  kept,
}: Omit<Observed, 'issuance' | 'enrolment' | 'withdrawal'>): Ask | undefined {
  if (kept.is !== 'found' || !keyServer?.spec.certificates.issuerRef) return undefined
  return {
    keyServer,
    purpose: keptSecretName(identity),
    commonName: 'kes-injector client',
    organizations: [identity.metadata.namespace],
    usages: ['client'],
    dnsNames: [],
    ipAddresses: [],
    lifetime: keyServer.spec.certificates.client,
    stored: kept.value,
  }
}

/** The next step towards a certificate that is good; undefined where there is only waiting. */
export function issueStep(
  { issuance, authorityPem }: Observed,
  { reason }: Violation,
  now: Date,
): IssueStep | undefined {
  switch (issuance.is) {
    case 'ours':
      return { do: 'renew', why: reason }
    case 'none':
      return { do: 'request' }
    case 'issued':
      return isTrusted(issuance.chain, authorityPem) ? { do: 'take', why: reason } : undefined
    case 'refused':
      return hasStood(issuance, now) ? { do: 'dropRequest' } : undefined
    case 'pending':
      return undefined
  }
}

/** A certificate that nobody vouches for is used for nothing; one that only waits for its renewal is as good as ever. */
export function issuerObstacle(observed: Observed, now: Date): Obstacle | undefined {
  const due = certificateViolation(observed, now)
  return due && due.reason !== 'RenewalDue' ? issuerProblem(observed.issuance, observed.authorityPem) : undefined
}
