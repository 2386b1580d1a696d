import { readGob } from './gob.ts'
import { KesError } from './kesError.ts'
import { unseal, type SealAlgorithm, type SealingKey } from './ciphertext.ts'

/** The files of a data directory by their path in it, `/` between its parts. */
export type DataFiles = ReadonlyMap<string, Buffer>

/** A data directory that was opened: what the server would know after its start. */
export interface SealedVolume {
  /** Identity of the system administrator that it was initialised with. */
  readonly systemAdmin: string
  /** Identity of the administrator of the enclave. */
  readonly enclaveAdmin: string
  /** Every key that can be opened, by name. */
  readonly keyNames: readonly string[]
  /** Names of files among the keys that cannot be opened. */
  readonly damagedKeys: readonly string[]
  /** Opens what the server sealed with a key. Throws `KeyNotFound`, `NotAuthentic`, `DataUnreadable`. */
  readonly decrypt: (keyName: string, ciphertext: Buffer, context?: Buffer) => Buffer
}

/** As `/v1/key/…` uses it where a request names no enclave. */
const enclave = 'default'

/**
 * Opens the data directory of a stateful KES v0.22.3 with its unseal key, without KES.
 *
 * The chain (KES `internal/sys`): the unseal key opens `.unseal`, which holds the root key; the root key opens
 * `enclave/default/.enclave`, which holds the key of the key store and that of the identities; these open
 * `enclave/default/key/NAME` and `…/identity/…`. Each is bound to its name. All of it is gob around ciphertexts.
 *
 * Throws `NotAuthentic` where the unseal key is another one or a file of the chain was changed, and `DataUnreadable`.
 */
export function openVolume(files: DataFiles, unsealKey: string): SealedVolume {
  const root = rootKeyOf(fileOf(files, '.unseal'), unsealKey)
  const prefix = `enclave/${enclave}/`
  const info = readGob(unseal(root, fileOf(files, `${prefix}.enclave`), Buffer.from(enclave)), enclaveShape)
  const keyStore = readKey(info.keyStoreKey)
  const keys = new Map<string, SealingKey>()
  const damagedKeys: string[] = []
  for (const [path, content] of files) {
    if (!path.startsWith(`${prefix}key/`)) continue
    const name = path.slice(`${prefix}key/`.length)
    // A temporary file of a creation that was killed: KES passes over it as well.
    if (name === '.key.tmp') continue
    try {
      keys.set(name, readKey(unseal(keyStore, content, Buffer.from(name))))
    } catch (error) {
      if (!(error instanceof KesError)) throw error
      damagedKeys.push(name)
    }
  }
  return {
    systemAdmin: root.createdBy,
    enclaveAdmin: enclaveAdminOf(files, `${prefix}identity/`, readKey(info.identityKey)),
    keyNames: [...keys.keys()].sort(),
    damagedKeys: damagedKeys.sort(),
    decrypt(keyName, ciphertext, context) {
      const key = keys.get(keyName)
      if (!key) throw new KesError('KeyNotFound', `there is no key ${keyName}`)
      return unseal(key, ciphertext, context)
    },
  }
}

interface StoredKey extends SealingKey {
  readonly createdBy: string
}

// The fields of KES's structs, in their order (KES `internal/sys/stanza.go`, `seal.go`, `enclave.go`, `internal/key/key.go`).
const stanzaShape = { type: 'bytes', body: 'bytes' } as const
const sealedBodyShape = { variable: 'bytes', ciphertext: 'bytes' } as const
const enclaveShape = {
  name: 'bytes',
  keyStoreKey: 'bytes',
  secretKey: 'bytes',
  policyKey: 'bytes',
  identityKey: 'bytes',
  createdAt: 'bytes',
  createdBy: 'bytes',
} as const
const keyShape = {
  version: 'number',
  bytes: 'bytes',
  algorithm: 'number',
  createdAt: 'bytes',
  createdBy: 'bytes',
} as const

/** The one way to unseal that `kes init` knows: a key in an environment variable. */
const environmentStanza = 'ENVIRONMENT_SECRET'

function rootKeyOf(stanza: Buffer, unsealKey: string): StoredKey {
  const { type, body } = readGob(stanza, stanzaShape)
  if (type?.toString('latin1') !== environmentStanza || !body)
    throw unreadable('.unseal was not sealed with a key from the environment')
  const { ciphertext } = readGob(body, sealedBodyShape)
  const bytes = Buffer.from(unsealKey, 'base64')
  if (bytes.length !== 32) throw unreadable('the unseal key is not base64 of 32 bytes')
  return readKey(unseal({ bytes, algorithm: 'AES256-GCM_SHA256' }, ciphertext ?? Buffer.alloc(0)))
}

const algorithms: readonly (SealAlgorithm | undefined)[] = [undefined, 'AES256-GCM_SHA256', 'XCHACHA20-POLY1305']

function readKey(encoded: Buffer | undefined): StoredKey {
  const { version, bytes, algorithm = 0, createdBy } = readGob(encoded ?? Buffer.alloc(0), keyShape)
  if (version !== 1 || bytes?.length !== 32 || algorithm >= algorithms.length)
    throw unreadable('a key has not the form that this version of KES writes')
  return { bytes, algorithm: algorithms[algorithm], createdBy: createdBy?.toString('latin1') ?? '' }
}

/** The one file in `.admin`: it is named after the identity and bound to that name. */
function enclaveAdminOf(files: DataFiles, folder: string, identityKey: SealingKey): string {
  const names = [...files.keys()]
    .filter((path) => path.startsWith(`${folder}.admin/`))
    .map((path) => path.slice(`${folder}.admin/`.length))
    .filter((name) => name !== '.admin.tmp')
  const [name, ...more] = names
  if (name === undefined || more.length > 0) throw unreadable('the enclave has not exactly one administrator')
  unseal(identityKey, fileOf(files, `${folder}.admin/${name}`), Buffer.from(`.admin/${name}`))
  return name
}

function fileOf(files: DataFiles, path: string): Buffer {
  const content = files.get(path)
  if (!content) throw unreadable(`${path} is missing`)
  return content
}

const unreadable = (message: string): KesError => new KesError('DataUnreadable', message)
