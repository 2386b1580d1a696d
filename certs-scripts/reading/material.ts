import type { KeyObject, X509Certificate } from 'node:crypto'
import { loadAuthority, type Authority } from '../../src/pki/authority.ts'
import { certificateFacts, fingerprintOf } from '../../src/pki/certificateFacts.ts'
import { readCertificate } from '../../src/pki/certificateParts.ts'
import { pemBlocks, type PemBlock } from '../../src/pki/pem.ts'
import { PkiError } from '../../src/pki/pkiError.ts'
import { parsePrivateKey } from '../../src/pki/privateKey.ts'
import { readInput, shownPath } from '../commandLine/files.ts'
import { unusable } from '../commandLine/scriptError.ts'
import { entriesIn, placeOf, type Entry } from './entries.ts'

/** Turns an error about what a file holds into one that names the file. */
export function within<T>(place: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof PkiError) throw unusable(`${place}: ${error.message}`, error)
    throw error
  }
}

export const readEntries = async (file: string): Promise<readonly Entry[]> => entriesIn(file, await readInput(file))

/** The PEM blocks of an entry; none where it is no PEM text. Throws `InputUnusable`. */
export const blocksOf = (entry: Entry): readonly PemBlock[] => within(placeOf(entry), () => pemBlocks(entry.text))

export const isKeyBlock = ({ label }: PemBlock): boolean => label.endsWith('PRIVATE KEY')

/**
 * Reads a certificate of which everything can be read: some can be parsed whose keys, extensions or dates cannot. Throws PkiError
 * `CertificateUnreadable`.
 */
export function wholeCertificate(pem: string): X509Certificate {
  const certificate = readCertificate(pem)
  if (!isWhole(certificate))
    throw new PkiError('CertificateUnreadable', 'there is a certificate whose key, extensions or dates cannot be read')
  return certificate
}

function isWhole(certificate: X509Certificate): boolean {
  try {
    const { notBefore, notAfter } = certificateFacts(certificate)
    return !Number.isNaN(notAfter.getTime() - notBefore.getTime())
  } catch {
    return false
  }
}

/** Every certificate of some entries, each once. */
export function certificatesOf(entries: readonly Entry[]): readonly X509Certificate[] {
  const all = entries.flatMap((entry) =>
    blocksOf(entry)
      .filter(({ label }) => label === 'CERTIFICATE')
      .map(({ text }) => within(placeOf(entry), () => wholeCertificate(text))),
  )
  return [...new Map(all.map((certificate) => [fingerprintOf(certificate), certificate])).values()]
}

/** The authority that issues: its certificate and its key, in two files or in one (a Secret). Throws `InputUnusable`. */
export async function readAuthority(certificateFile: string, keyFile: string): Promise<Authority> {
  const certificate = only(
    certificatesOf(await readEntries(certificateFile)).filter(({ ca }) => ca),
    `certificate of an authority (CA:TRUE) in ${shownPath(certificateFile)}`,
  )
  const key = only(
    [
      ...new Set(
        (await readEntries(keyFile))
          .flatMap(blocksOf)
          .filter(isKeyBlock)
          .map(({ text }) => text),
      ),
    ],
    `private key in ${shownPath(keyFile)}`,
  )
  return within(shownPath(keyFile), () => loadAuthority(certificate.toString(), key))
}

/** A key that is kept, as it was read, and the certificate that it had. */
export interface KeptPair {
  readonly key: KeyObject
  readonly keyPem: string
  readonly certificate: X509Certificate | undefined
}

/** The pair of some entries that is to be renewed. Throws `InputUnusable` for more than one, or for two halves that differ. */
export function keptPairOf(place: string, entries: readonly Entry[]): KeptPair {
  const holder = only(
    entries.filter((entry) => blocksOf(entry).some(isKeyBlock)),
    `private key in ${place}`,
  )
  const key = within(placeOf(holder), () => parsePrivateKey(holder.text))
  const [certificate, ...more] = certificatesOf(entries).filter(({ ca }) => !ca)
  if (more.length > 0) throw unusable(`${place} holds ${more.length + 1} certificates that are no authority's, not one`)
  if (certificate && !certificate.checkPrivateKey(key))
    throw unusable(`${place}: the key does not belong to the certificate; nothing is renewed until that is clear`)
  return { key, keyPem: holder.text, certificate }
}

function only<T>(found: readonly T[], what: string): T {
  const [first, ...more] = found
  if (first === undefined) throw unusable(`there is no ${what}`)
  if (more.length > 0) throw unusable(`there is more than one ${what}: hand over one`)
  return first
}
