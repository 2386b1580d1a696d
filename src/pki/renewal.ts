import { createHash, type X509Certificate } from 'node:crypto'
import { backdatingMs } from './authority.ts'
import type { Usage } from './extensions.ts'
import { readCertificate } from './certificateParts.ts'
import { leadsTo } from './chain.ts'
import { checkedDnsName, checkedIpAddress } from './names.ts'
import { certificatesIn, readPair, type Pair, type PairPem } from './pair.ts'
import { PkiError } from './pkiError.ts'

/** Why a certificate has to be issued again, with the same key wherever that key is good. */
export const violationReasons = {
  Missing: 'there is no certificate yet',
  Unreadable: 'the certificate or its key cannot be read',
  KeyMismatch: 'the key does not belong to the certificate',
  Expired: 'the certificate has ended',
  UsageDiffers: 'the certificate is for other uses',
  NamesDiffer: 'the certificate is for other names',
  IssuerDiffers: 'another authority issued the certificate',
  DurationDiffers: 'the certificate lives longer or shorter than is wanted',
  RenewalDue: 'its time for renewal has come',
} as const

export type ViolationReason = keyof typeof violationReasons

export interface Violation {
  readonly reason: ViolationReason
  readonly message: string
}

export interface WantedCertificate {
  readonly usages: readonly Usage[]
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  /** The certificate of the authority that issues now. */
  readonly authorityPem: string
  readonly lifetimeMs: number
  /** Part of the lifetime after which to renew, between 0 and 1: 2/3. */
  readonly renewAt: number
  /** Any text that differs from certificate to certificate (namespace and name). */
  readonly jitterSeed: string
  /**
   * An authority of somebody else's issues: it may stand behind others, give further names and uses, and choose the lifetime.
   */
  readonly elsewhere?: boolean
}

interface Question {
  readonly pair: Pair
  /** What stands behind the leaf. */
  readonly beside: readonly X509Certificate[]
  readonly wanted: WantedCertificate
  readonly now: Date
}
type Rule = (question: Question) => ViolationReason | undefined

const jitter = 0.05
const minuteMs = 60_000

/**
 * When to renew: at `fraction` of the lifetime, moved by up to 5 % of it either way, so that certificates issued together
 * are not renewed together. The same certificate and seed always give the same time.
 */
export function renewalTime(
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  fraction: number,
  jitterSeed: string,
): Date {
  if (!(fraction > 0 && fraction < 1)) {
    throw new PkiError('LifetimeInvalid', `a renewal fraction lies between 0 and 1, not at ${fraction}`)
  }
  const drawn = createHash('sha256').update(jitterSeed).digest().readUInt32BE(0) / 0xffff_ffff
  const moved = fraction + jitter * (2 * drawn - 1)
  const lifetimeMs = notAfter.getTime() - notBefore.getTime()
  return new Date(notBefore.getTime() + Math.round(lifetimeMs * Math.min(Math.max(moved, 0), 0.99)))
}

const expired: Rule = ({ pair, now }) => (now >= pair.notAfter ? 'Expired' : undefined)

/** Somebody else's authority may give more than was asked; ours gives exactly that. */
const has = (there: readonly string[], asked: readonly string[], elsewhere = false): boolean =>
  elsewhere ? asked.every((each) => there.includes(each)) : sameSet(there, asked)

const usage: Rule = ({ pair, wanted }) =>
  has(pair.usages, wanted.usages, wanted.elsewhere) ? undefined : 'UsageDiffers'

const names: Rule = ({ pair, wanted }) =>
  has(pair.dnsNames, wanted.dnsNames.map(checkedDnsName), wanted.elsewhere) &&
  has(pair.ipAddresses, wanted.ipAddresses.map(checkedIpAddress), wanted.elsewhere)
    ? undefined
    : 'NamesDiffer'

// The signature decides, not the name: two generations of an authority may carry one name.
const issuer: Rule = ({ pair, beside, wanted }) => {
  const authority = readCertificate(wanted.authorityPem)
  if (wanted.elsewhere) return leadsTo(pair.certificate, beside, authority) ? undefined : 'IssuerDiffers'
  return pair.certificate.checkIssued(authority) && pair.certificate.verify(authority.publicKey)
    ? undefined
    : 'IssuerDiffers'
}

// A leaf that ends with its authority was cut short on purpose: issuing it again would change nothing.
const duration: Rule = ({ pair, wanted }) => {
  if (wanted.elsewhere) return undefined
  const lifetimeMs = pair.notAfter.getTime() - pair.notBefore.getTime()
  const differenceMs = lifetimeMs - wanted.lifetimeMs
  const cut = pair.notAfter.getTime() === readCertificate(wanted.authorityPem).validToDate.getTime()
  if (differenceMs > backdatingMs + minuteMs) return 'DurationDiffers'
  return differenceMs < -minuteMs && !cut ? 'DurationDiffers' : undefined
}

const renewal: Rule = ({ pair, wanted, now }) =>
  now >= renewalTime(pair, wanted.renewAt, wanted.jitterSeed) ? 'RenewalDue' : undefined

/** First answer wins: what cannot be used at all, then what is wrong, and time last. */
const rules: readonly Rule[] = [expired, usage, names, issuer, duration, renewal]

/**
 * Why the current certificate is not the wanted one, or undefined when it is. Pure: the same input, the same answer.
 *
 * Throws only for a `wanted` that could never be issued (unreadable authority, invalid names).
 */
export function violation(current: PairPem | undefined, wanted: WantedCertificate, now: Date): Violation | undefined {
  if (!current) return violated('Missing')
  const pair = pairOrError(current)
  if (pair instanceof PkiError)
    return violated(pair.code === 'KeyMismatch' ? 'KeyMismatch' : 'Unreadable', pair.message)
  const [, ...beside] = certificatesIn(current.certificatePem)
  for (const rule of rules) {
    const reason = rule({ pair, beside, wanted, now })
    if (reason) return violated(reason)
  }
  return undefined
}

function pairOrError(current: PairPem): Pair | PkiError {
  try {
    return readPair(current)
  } catch (error) {
    if (error instanceof PkiError) return error
    throw error
  }
}

const violated = (reason: ViolationReason, message: string = violationReasons[reason]): Violation => ({
  reason,
  message,
})

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const [one, other] = [new Set(left), new Set(right)]
  return one.size === other.size && [...one].every((entry) => other.has(entry))
}
