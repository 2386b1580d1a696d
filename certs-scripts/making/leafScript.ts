import { readCertificate } from '../../src/pki/certificateParts.ts'
import type { Authority } from '../../src/pki/authority.ts'
import { writeFiles, shownPath } from '../commandLine/files.ts'
import { lifetimeMs } from '../commandLine/lifetime.ts'
import { required, type ValuesOf } from '../commandLine/options.ts'
import type { Surroundings } from '../commandLine/script.ts'
import { unusable, wrongUsage } from '../commandLine/scriptError.ts'
import { keptPairOf, readAuthority, readEntries, type KeptPair } from '../reading/material.ts'
import type { Entry, Holder } from '../reading/entries.ts'
import { makePair, wishOf, type IdentifiedPair, type LeafWish } from './leaf.ts'
import type { leafOptions } from './leafOptions.ts'
import {
  checkedNamespace,
  checkedObjectName,
  layoutOf,
  layouts,
  objectsYaml,
  pairSecret,
  type Layout,
  type SecretPlace,
} from './secretYaml.ts'

type Values = ValuesOf<typeof leafOptions>

/** What makes a server's certificate differ from a client's. */
export interface LeafKind {
  readonly usage: 'server' | 'client'
  readonly commonName: string
  readonly files: { readonly cert: string; readonly key: string }
}

/** Names that were asked for by flags; undefined where none of that sort was. */
export interface AskedNames {
  readonly organizations: readonly string[] | undefined
  readonly dnsNames: readonly string[] | undefined
  readonly ipAddresses: readonly string[] | undefined
}

/** `server` and `client`: makes a pair or renews one, into files or as a Secret. */
export async function runLeaf(
  kind: LeafKind,
  values: Values,
  asked: AskedNames,
  surroundings: Surroundings,
): Promise<boolean> {
  checkTogether(values)
  const ca = required(values.ca, 'ca')
  const authority = await readAuthority(ca, values['ca-key'] ?? ca)
  const source = await sourceOf(kind, values)
  const wish = wishFrom(kind, values, asked, source?.kept)
  if (kind.usage === 'server' && wish.dnsNames.length + wish.ipAddresses.length === 0)
    throw wrongUsage('--dns or --ip is missing: KES does not start with a certificate that names neither')
  const { now, random } = surroundings
  const pair = makePair(authority, wish, { now: now(), random }, source?.kept)
  const place = secretPlace(values, source?.holder)
  if (place) surroundings.print(objectsYaml([pairSecret(place, { ...pair, authorityPem: authority.certificatePem })]))
  else await writePair(kind, values, pair)
  // A pipe gets the Secret and nothing else.
  const tell = place ? surroundings.say : surroundings.print
  tell(report(kind, values, pair, source?.kept, authority))
  return true
}

function checkTogether({ renew, from, secret, namespace, layout, cert, key, force }: Values): void {
  if (from !== undefined && !renew) throw wrongUsage('--from is for --renew')
  if (from !== undefined && (cert ?? key) !== undefined)
    throw wrongUsage('--from reads a Secret: without --cert and --key')
  if (secret === undefined && from === undefined && (namespace ?? layout) !== undefined)
    throw wrongUsage('--namespace and --layout are for --secret')
  if (secret !== undefined && from === undefined && namespace === undefined)
    throw wrongUsage('--namespace is missing: the Secret has to say where it belongs')
  if (secret !== undefined && from === undefined && !renew && (cert ?? key) !== undefined)
    throw wrongUsage('--secret prints the pair, --cert and --key write it to files: choose one')
  if (renew && force) throw wrongUsage('--renew never replaces a key: --force says nothing here')
}

interface Source {
  readonly kept: KeptPair
  readonly holder: Holder | undefined
}

/** The pair to renew: a Secret, or the key's file and, where there is one, the certificate's. */
async function sourceOf(kind: LeafKind, { renew, from, key, cert }: Values): Promise<Source | undefined> {
  if (!renew) return undefined
  if (from !== undefined) {
    const entries = await readEntries(from)
    const [first] = entries
    if (!first?.holder) throw unusable(`${shownPath(from)} is no Secret; for PEM files use --key and --cert`)
    return { kept: keptPairOf(shownPath(from), entries), holder: first.holder }
  }
  const keyFile = key ?? kind.files.key
  const entries = await readEntries(keyFile)
  const kept = keptPairOf(keyFile, [...entries, ...(await optionalEntries(cert ?? kind.files.cert))])
  return { kept, holder: undefined }
}

/** The certificate may have been lost: then it is made again from the key and the flags. */
async function optionalEntries(file: string): Promise<readonly Entry[]> {
  try {
    return await readEntries(file)
  } catch (error) {
    if (error instanceof Error && isMissing(error.cause)) return []
    throw error
  }
}

const isMissing = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'

function wishFrom(kind: LeafKind, values: Values, asked: AskedNames, kept: KeptPair | undefined): LeafWish {
  const before = kept ? wishOf(kept) : {}
  // Names of a server are given anew together or stay together: a forgotten address must not linger.
  const renamed = asked.dnsNames !== undefined || asked.ipAddresses !== undefined
  return {
    commonName: values.name ?? before.commonName ?? kind.commonName,
    organizations: asked.organizations ?? before.organizations ?? [],
    usage: kind.usage,
    dnsNames: renamed ? (asked.dnsNames ?? []) : (before.dnsNames ?? []),
    ipAddresses: renamed ? (asked.ipAddresses ?? []) : (before.ipAddresses ?? []),
    lifetimeMs: lifetimeMs(values.lifetime, 'lifetime'),
  }
}

function secretPlace({ secret, namespace, layout }: Values, holder: Holder | undefined): SecretPlace | undefined {
  if (secret === undefined && !holder) return undefined
  const space = namespace ?? holder?.namespace
  return {
    name: checkedObjectName(secret ?? holder?.name ?? '', 'secret'),
    namespace: checkedNamespace(required(space, 'namespace'), 'namespace'),
    layout: layout === undefined ? layoutOfHolder(holder) : layoutOf(layout),
    ...(holder ? { labels: holder.labels } : {}),
  }
}

const layoutOfHolder = (holder: Holder | undefined): Layout =>
  holder && holder.type !== layouts.tls.type ? 'kes' : 'tls'

async function writePair(kind: LeafKind, values: Values, pair: IdentifiedPair): Promise<void> {
  const [cert, key] = [values.cert ?? kind.files.cert, values.key ?? kind.files.key]
  const certificate = { path: cert, text: pair.certificatePem, holds: 'public' } as const
  if (values.renew) return writeFiles([certificate], () => true, '')
  const files = [{ path: key, text: pair.keyPem, holds: 'secret' } as const, certificate]
  const advice = '--renew keeps the key and so the identity; --force makes a new one (re-key)'
  return writeFiles(files, () => values.force ?? false, advice)
}

function report(
  kind: LeafKind,
  values: Values,
  pair: IdentifiedPair,
  kept: KeptPair | undefined,
  authority: Authority,
): string {
  const ends = `until ${pair.notAfter.toISOString()}`
  const done = kept ? `renewed: the same key, a new certificate ${ends}` : `made: a new key, a certificate ${ends}`
  const lines = [done, `KES identity ${pair.identity}${kept ? ' (unchanged)' : ''}`]
  const issuer = readCertificate(authority.certificatePem)
  const lifetime = lifetimeMs(values.lifetime, 'lifetime')
  if (pair.notAfter.getTime() === issuer.validToDate.getTime() && lifetime > 0)
    lines.push('note: it ends with its authority, before the lifetime that was asked for')
  const before = kept?.certificate
  if (before && !(before.checkIssued(issuer) && before.verify(issuer.publicKey)))
    lines.push(
      kind.usage === 'server'
        ? 'note: another authority issued the former one: clients must trust the new one first, and MinIO reads what it trusts only when it starts'
        : 'note: another authority issued the former one: a KES that verifies client certificates must trust the new one first',
    )
  return `${lines.join('\n')}\n`
}
