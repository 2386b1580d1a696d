import { Decrypter, Encrypter } from 'age-encryption'
import { BackupError } from './backupError.ts'

/** Who shall be able to open a file: whoever knows the passphrase, or holds the key of one of the recipients. */
export type Lock = { readonly passphrase: string } | { readonly recipients: readonly string[] }

/** What opens a file: a passphrase, or age identities (`AGE-SECRET-KEY-1…`). */
export type Key = { readonly passphrase: string } | { readonly identities: readonly string[] }

/** 2^18: a second and 256 MiB for each guess, as `age -p` has it. */
const scryptWorkFactor = 18

/** Encrypts in the age format (age-encryption.org/v1), binary: `age -d` opens it too. Throws `NotBackedUp` for what is no recipient. */
export async function seal(content: Buffer, lock: Lock, workFactor = scryptWorkFactor): Promise<Uint8Array> {
  const encrypter = new Encrypter()
  if ('passphrase' in lock) {
    encrypter.setScryptWorkFactor(workFactor)
    encrypter.setPassphrase(lock.passphrase)
  } else {
    for (const recipient of lock.recipients) addRecipient(encrypter, recipient)
  }
  return encrypter.encrypt(content)
}

function addRecipient(encrypter: Encrypter, recipient: string): void {
  try {
    encrypter.addRecipient(recipient)
  } catch {
    throw new BackupError('NotBackedUp', `${JSON.stringify(recipient.slice(0, 80))} is no age recipient (age1…)`)
  }
}

const magic = 'age-encryption.org/v1\n'

/** Decrypts. Throws `NotABackup` for what is no age file, `NotOpened` for another key or a changed byte. */
export async function open(file: Buffer, key: Key): Promise<Buffer> {
  if (file.subarray(0, magic.length).toString('latin1') !== magic)
    throw new BackupError('NotABackup', 'the file is not encrypted in the age format: it is no backup of kes-injector')
  const decrypter = new Decrypter()
  if ('passphrase' in key) decrypter.addPassphrase(key.passphrase)
  else for (const identity of key.identities) addIdentity(decrypter, identity)
  try {
    return Buffer.from(await decrypter.decrypt(file))
  } catch {
    // No cause: what a library says of a key stays unsaid.
    const what = 'passphrase' in key ? 'passphrase' : 'age identity'
    throw new BackupError('NotOpened', `the file was not opened: another ${what} is needed, or the file is damaged`)
  }
}

function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity)
  } catch {
    throw new BackupError('NotOpened', 'the identity file holds something that is no age identity (AGE-SECRET-KEY-…)')
  }
}

/** The identities of a file as `age-keygen` writes it: one a line, comments between them. */
export const identitiesIn = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
