import { createHash } from 'node:crypto'
import { identityOf } from '../kes/identity.ts'
import { fingerprintOf } from '../pki/certificateFacts.ts'
import { readCertificate } from '../pki/certificateParts.ts'
import { PkiError } from '../pki/pkiError.ts'
import type { Backup } from './backup.ts'
import { certificateIn, materialNames, unsealKeyIn } from './material.ts'

/** What tells key material apart without showing it, as the status of a KeyServer records it. Missing: it cannot be read. */
export interface Fingerprints {
  readonly authority?: string | undefined
  readonly unsealKey?: string | undefined
  readonly systemAdmin?: string | undefined
  readonly enclaveAdmin?: string | undefined
}

/** The fingerprints of what lies in a backup. */
export function fingerprintsOf({ keyServer, secrets }: Pick<Backup, 'keyServer' | 'secrets'>): Fingerprints {
  const names = materialNames(keyServer)
  const of = (name: string, read: (certificatePem: string) => string): string | undefined => {
    const certificatePem = certificateIn(secrets, name)
    return certificatePem === undefined ? undefined : readable(() => read(certificatePem))
  }
  const unsealKey = unsealKeyIn(secrets, names)
  return {
    authority: of(names.authority, (pem) => fingerprintOf(readCertificate(pem))),
    unsealKey: unsealKey === undefined ? undefined : createHash('sha256').update(unsealKey).digest('hex'),
    systemAdmin: of(names.systemAdmin, identityOf),
    enclaveAdmin: of(names.enclaveAdmin, identityOf),
  }
}

function readable(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}
