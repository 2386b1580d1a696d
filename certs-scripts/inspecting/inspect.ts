import type { KeyObject, X509Certificate } from 'node:crypto'
import { identityOfSpki } from '../../src/kes/identity.ts'
import { certificateFacts } from '../../src/pki/certificateFacts.ts'
import { extensionIds, extensionValue, spkiDer } from '../../src/pki/certificateParts.ts'
import { placeOf, type Entry } from '../reading/entries.ts'
import { chainOf, isSelfSigned, type Chain } from './chain.ts'
import { problem, type Problem } from './problems.ts'
import { contentsOf, type Contents } from './texts.ts'

type Role = 'authority' | 'client' | 'server' | 'client and server' | 'any use' | 'no use'

export interface CertificateFinding {
  readonly kind: 'certificate'
  readonly place: string
  readonly role: Role
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly fingerprint: string
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
  readonly notBefore: string
  readonly notAfter: string
  readonly endsInMs: number
  /** The KES identity of whoever holds its key; undefined for an authority, which KES gives none. */
  readonly identity: string | undefined
  /** Where its private key stands among what was read. */
  readonly key: string | undefined
  readonly chain: Chain['is']
  /** Subjects from the issuer up to a trusted authority. */
  readonly path: readonly string[]
  readonly problems: readonly Problem[]
}

export interface KeyFinding {
  readonly kind: 'key'
  readonly place: string
  /** `EC prime256v1`, `RSA 2048`. */
  readonly algorithm: string
  readonly identity: string
  /** Where the certificates of this key stand. */
  readonly certificates: readonly string[]
  readonly problems: readonly Problem[]
}

/** An entry that holds neither, or that has problems of its own. */
export interface EntryFinding {
  readonly kind: 'entry'
  readonly place: string
  readonly holds: string
  readonly problems: readonly Problem[]
}

export type Finding = CertificateFinding | KeyFinding | EntryFinding

/**
 * Says of every certificate and key what it is, and what KES or MinIO would not like about it. Pure: the same entries, the same answer.
 *
 * The entries of one Secret belong together, and so do all plain files. `trusted` are the authorities that must have issued what
 * is here; none: those that lie beside a certificate count.
 */
export function inspect(entries: readonly Entry[], trusted: readonly X509Certificate[], now: Date): readonly Finding[] {
  const groups = Map.groupBy(entries.map(contentsOf), ({ entry: { file, holder } }) =>
    holder ? JSON.stringify([file, holder.kind, holder.namespace, holder.name]) : '',
  )
  return [...groups.values()].flatMap((group) => group.flatMap((contents) => findingsOf(contents, group, trusted, now)))
}

function findingsOf(
  contents: Contents,
  group: readonly Contents[],
  trusted: readonly X509Certificate[],
  now: Date,
): readonly Finding[] {
  const place = placeOf(contents.entry)
  const authorities = group.flatMap(({ certificates }) => certificates).filter(isAuthority)
  const anchors = trusted.length > 0 ? trusted : authorities.filter((one) => isSelfSigned(one))
  const certificates = contents.certificates.map((certificate): CertificateFinding => {
    const chain = chainOf(certificate, anchors, authorities)
    return certificateFinding(place, certificate, chain, placeOfKey(certificate.publicKey, group), now)
  })
  const keys = contents.keys.map((key) => keyFinding(contents.entry, key, group))
  const { other, problems } = contents
  const holds = other ?? 'PEM text'
  const rest: readonly EntryFinding[] =
    other !== undefined || problems.length > 0 ? [{ kind: 'entry', place, holds, problems }] : []
  return [...certificates, ...keys, ...rest]
}

function certificateFinding(
  place: string,
  certificate: X509Certificate,
  chain: Chain,
  key: string | undefined,
  now: Date,
): CertificateFinding {
  const { subject, issuer, serial, fingerprint, dnsNames, ipAddresses, notBefore, notAfter, spki } =
    certificateFacts(certificate)
  const role = roleOf(certificate)
  return {
    kind: 'certificate',
    place,
    role,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    serial,
    fingerprint,
    dnsNames,
    ipAddresses,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    endsInMs: notAfter.getTime() - now.getTime(),
    identity: role === 'authority' ? undefined : identityOfSpki(spki),
    key,
    chain: chain.is,
    path: chain.is === 'complete' ? chain.path.map((above) => oneLine(above.subject)) : [],
    problems: [...problemsOfTime(certificate, chain, now), ...problemsOfProfile(certificate, role, chain)],
  }
}

function problemsOfTime(certificate: X509Certificate, chain: Chain, now: Date): readonly Problem[] {
  const { validFromDate: from, validToDate: to } = certificate
  const renewAt = new Date(from.getTime() + ((to.getTime() - from.getTime()) * 2) / 3)
  const ends = chain.is === 'complete' ? chain.path.map(({ validToDate }) => validToDate) : []
  return [
    ...(now >= to
      ? [problem('Ended')]
      : now < from
        ? [problem('NotYetValid')]
        : now >= renewAt
          ? [problem('RenewalDue')]
          : []),
    ...(ends.some((end) => end < to) ? [problem('OutlivesAuthority')] : []),
  ]
}

function problemsOfProfile(certificate: X509Certificate, role: Role, chain: Chain): readonly Problem[] {
  const { dnsNames, ipAddresses } = certificateFacts(certificate)
  const nameless = dnsNames.length + ipAddresses.length === 0
  const selfSigned = role !== 'authority' && isSelfSigned(certificate)
  return [
    ...(certificate.ca && role !== 'authority' ? [problem('AuthorityAsLeaf')] : []),
    ...(role === 'authority' && !hasKeyUsage(certificate) ? [problem('AuthorityOrLeaf')] : []),
    ...(nameless && role === 'server' ? [problem('NoNames')] : []),
    ...(nameless && role === 'client and server' ? [problem('NamesOfNoServer')] : []),
    ...(role === 'no use' ? [problem('NoUsage')] : []),
    ...(selfSigned ? [problem('SelfSigned')] : []),
    ...(chain.is === 'broken' && !selfSigned ? [problem('DoesNotChain')] : []),
    ...(/sha1/i.test(certificate.signatureAlgorithm ?? '') ? [problem('WeakSignature')] : []),
  ]
}

function keyFinding(entry: Entry, key: KeyObject, group: readonly Contents[]): KeyFinding {
  const spki = spkiDer(key)
  const all = group.flatMap((one) => one.certificates.map((certificate) => ({ entry: one.entry, certificate })))
  const own = all.filter(({ certificate }) => spkiDer(certificate.publicKey).equals(spki))
  return {
    kind: 'key',
    place: placeOf(entry),
    algorithm: algorithmOf(key),
    identity: identityOfSpki(spki),
    certificates: [...new Set(own.map((one) => placeOf(one.entry)))],
    problems: own.length === 0 && isBesideOthers(entry, all, group) ? [problem('KeyDiffers')] : [],
  }
}

/** A key without a certificate may lie anywhere by itself; beside a certificate without a key it is the wrong half of a pair. */
function isBesideOthers(
  { holder }: Entry,
  all: readonly { readonly certificate: X509Certificate }[],
  group: readonly Contents[],
): boolean {
  const keyless = all.filter(({ certificate }) => placeOfKey(certificate.publicKey, group) === undefined)
  const leaves = all.filter(({ certificate }) => !isAuthority(certificate))
  return (
    keyless.some(({ certificate }) => !isAuthority(certificate)) ||
    (holder?.kind === 'Secret' && leaves.length === 0 && keyless.length > 0)
  )
}

function placeOfKey(publicKey: KeyObject, group: readonly Contents[]): string | undefined {
  const holder = group.find(({ keys }) => keys.some((key) => key.equals(publicKey)))
  return holder && placeOf(holder.entry)
}

/** Bit 5 of RFC 5280 §4.2.1.3, after the octet that counts unused bits. */
const maySignCertificates = (certificate: X509Certificate): boolean =>
  ((extensionValue(certificate, extensionIds.keyUsage)?.content[1] ?? 0) & 0x04) !== 0

const extendedUsages = (certificate: X509Certificate): readonly string[] | undefined => certificate.keyUsage

const hasKeyUsage = (certificate: X509Certificate): boolean =>
  extensionValue(certificate, extensionIds.keyUsage) !== undefined

/** CA:TRUE alone does not make an authority: `openssl req -x509` writes it into everything. */
const isAuthority = (certificate: X509Certificate): boolean =>
  certificate.ca &&
  (maySignCertificates(certificate) || !hasKeyUsage(certificate)) &&
  extendedUsages(certificate) === undefined

function roleOf(certificate: X509Certificate): Role {
  if (isAuthority(certificate)) return 'authority'
  const { usages } = certificateFacts(certificate)
  if (usages.length > 1) return 'client and server'
  return usages[0] ?? (extendedUsages(certificate) === undefined ? 'any use' : 'no use')
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const detail = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyDetails?.modulusLength
  return [asymmetricKeyType?.toUpperCase() ?? 'unknown', ...(detail === undefined ? [] : [detail])].join(' ')
}

const oneLine = (name: string): string => name.split('\n').join(', ')
