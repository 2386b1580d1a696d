import { certificateFacts } from '../../pki/certificateFacts.ts'
import { readCertificate } from '../../pki/certificateParts.ts'
import type { Issuance } from './issuer.ts'

export interface IssuerProblem {
  readonly reason: 'IssuerPending' | 'IssuerRefused' | 'AuthorityDiffers'
  readonly message: string
}

/** How long a refused request stands, for people to read, before the same is asked again. */
const refusalStandsMs = 60 * 60_000

export const hasStood = ({ at }: { readonly at: Date | undefined }, now: Date): boolean =>
  at !== undefined && now.getTime() - at.getTime() > refusalStandsMs

/** Whether an answer leads to the authority that clients trust already. */
export function isTrusted(chain: { readonly authorityPem: string }, trustedPem: string | undefined): boolean {
  if (trustedPem === undefined) return false
  const [one, other] = [chain.authorityPem, trustedPem].map((pem) => certificateFacts(readCertificate(pem)).fingerprint)
  return one === other
}

/** What there is to say of an issuer elsewhere: why there is no certificate of it yet, or why it is not renewed. */
export function issuerProblem(issuance: Issuance, trustedPem: string | undefined): IssuerProblem | undefined {
  switch (issuance.is) {
    case 'pending':
      return { reason: 'IssuerPending', message: `waiting for the issuer: ${issuance.why}` }
    case 'refused':
      return { reason: 'IssuerRefused', message: issuance.why }
    case 'issued':
      return trustedPem === undefined || isTrusted(issuance.chain, trustedPem)
        ? undefined
        : {
            reason: 'AuthorityDiffers',
            message: 'the issuer signs under another root than the one that clients trust: what it issued is not taken',
          }
    case 'ours':
    case 'none':
      return undefined
  }
}
