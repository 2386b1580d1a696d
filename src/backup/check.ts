import { createHash } from 'node:crypto'
import { keptSecretName } from '../controller/kesIdentity/names.ts'
import { identityOf } from '../kes/identity.ts'
import { KesError } from '../kes/kesError.ts'
import { openVolume, type SealedVolume } from '../kes/sealedVolume.ts'
import { loadAuthority } from '../pki/authority.ts'
import { readPair } from '../pki/pair.ts'
import { PkiError } from '../pki/pkiError.ts'
import type { Backup } from './backup.ts'
import { fingerprintsOf, type Fingerprints } from './fingerprints.ts'
import { materialNames, pairIn, unsealKeyIn } from './material.ts'

/** One thing that must hold, and whether it does. */
export interface Finding {
  readonly check:
    'authority' | 'unsealKey' | 'administrators' | 'dataDirectory' | 'keys' | 'knownCiphertext' | 'identities'
  readonly ok: boolean
  readonly says: string
}

/**
 * Answers whether a backup is worth something, without any cluster: the Secrets are those that the KeyServer recorded,
 * the unseal key opens the data directory, every key that was ever seen is in it and can be opened, and the keys decrypt
 * what the running server encrypted. A backup is good when every finding is.
 */
export function checkBackup(backup: Backup): readonly Finding[] {
  const prints = fingerprintsOf(backup)
  const volume = opened(backup)
  const findings = [...recorded(backup, prints), identities(backup)]
  if (volume instanceof KesError)
    return [...findings, bad('dataDirectory', `the data directory is not opened by the unseal key: ${volume.message}`)]
  return [...findings, initialisedFor(volume, prints), keys(backup, volume), known(backup, volume)]
}

const good = (check: Finding['check'], says: string): Finding => ({ check, ok: true, says })
const bad = (check: Finding['check'], says: string): Finding => ({ check, ok: false, says })

function recorded({ keyServer, secrets }: Backup, prints: Fingerprints): readonly Finding[] {
  const { authority, unsealKey, admin } = keyServer.status ?? {}
  const names = materialNames(keyServer)
  const same = (check: Finding['check'], what: string, of: string | undefined, wanted: string | undefined): Finding => {
    if (of === undefined) return bad(check, `${what} is missing or cannot be read`)
    if (wanted !== undefined && of !== wanted) return bad(check, `${what} is not the one that the KeyServer recorded`)
    return good(check, `${what} is the recorded one (${of.slice(0, 16)}…)`)
  }
  const usable = (check: Finding['check'], what: string, read: () => unknown): readonly Finding[] => {
    try {
      read()
      return []
    } catch (error) {
      if (error instanceof PkiError) return [bad(check, `${what} cannot be used: ${error.message}`)]
      throw error
    }
  }
  const authorityPair = pairIn(secrets, names.authority)
  const adminPair = pairIn(secrets, names.enclaveAdmin)
  return [
    same('authority', 'the authority', prints.authority, authority?.fingerprint),
    ...(authorityPair
      ? usable('authority', 'the authority', () => loadAuthority(authorityPair.certificatePem, authorityPair.keyPem))
      : keyServer.spec.certificates.issuerRef || prints.authority === undefined
        ? []
        : [bad('authority', 'the authority has no key: nothing could be issued under it')]),
    same('unsealKey', 'the unseal key', prints.unsealKey, unsealKey?.fingerprint),
    same('administrators', "the enclave's administrator", prints.enclaveAdmin, admin?.enclave),
    ...(adminPair ? usable('administrators', "the enclave's administrator", () => readPair(adminPair)) : []),
    // Taken over without it, a server works as well: it only makes enclaves and seals.
    ...(prints.systemAdmin === undefined && keyServer.spec.stateful?.existing
      ? []
      : [same('administrators', 'the system administrator', prints.systemAdmin, admin?.system)]),
  ]
}

function opened({ keyServer, secrets, data }: Backup): SealedVolume | KesError {
  try {
    return openVolume(data.files, unsealKeyIn(secrets, materialNames(keyServer)) ?? '')
  } catch (error) {
    if (error instanceof KesError) return error
    throw error
  }
}

function initialisedFor({ systemAdmin, enclaveAdmin }: SealedVolume, prints: Fingerprints): Finding {
  if (enclaveAdmin !== prints.enclaveAdmin)
    return bad('dataDirectory', "the data directory belongs to another enclave's administrator")
  if (prints.systemAdmin !== undefined && systemAdmin !== prints.systemAdmin)
    return bad('dataDirectory', 'the data directory was initialised for another system administrator')
  return good('dataDirectory', 'the unseal key opens the data directory, and it belongs to the administrators')
}

function keys({ keyServer }: Backup, { keyNames, damagedKeys }: SealedVolume): Finding {
  const missing = (keyServer.status?.keys ?? []).filter((key) => !keyNames.includes(key))
  const problems = [...new Set([...damagedKeys, ...missing])]
  return problems.length === 0
    ? good('keys', `${keyNames.length} keys can be opened, all that the KeyServer has ever seen among them`)
    : bad('keys', `missing or damaged: ${problems.slice(0, 5).join(', ')}${problems.length > 5 ? ' …' : ''}`)
}

function known({ known: { key, ciphertext, plaintextSha256 } }: Backup, volume: SealedVolume): Finding {
  try {
    const plaintext = volume.decrypt(key, Buffer.from(ciphertext, 'base64'))
    return createHash('sha256').update(plaintext).digest('hex') === plaintextSha256
      ? good('knownCiphertext', 'what the running server had encrypted was decrypted')
      : bad('knownCiphertext', 'what the running server had encrypted was decrypted to something else')
  } catch (error) {
    if (!(error instanceof KesError)) throw error
    return bad('knownCiphertext', `what the running server had encrypted cannot be decrypted: ${error.message}`)
  }
}

function identities({ identities: all, secrets }: Backup): Finding {
  const wrong = all.filter((identity) => {
    const pair = pairIn(secrets, keptSecretName(identity))
    const recordedIdentity = identity.status?.identity
    return recordedIdentity !== undefined && (!pair || readIdentity(pair.certificatePem) !== recordedIdentity)
  })
  // Without its pair an identity is made and enrolled anew: nothing is lost with it.
  return good(
    'identities',
    wrong.length === 0
      ? `${all.length} identities have their key pairs`
      : `made anew in a restore, for their key pairs are not there: ${wrong.map(({ metadata }) => metadata.namespace).join(', ')}`,
  )
}

function readIdentity(certificatePem: string): string | undefined {
  try {
    return identityOf(certificatePem)
  } catch (error) {
    if (error instanceof PkiError) return undefined
    throw error
  }
}
