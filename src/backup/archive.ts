import { createHash } from 'node:crypto'
import type { KesIdentity } from '../api/kesIdentity.ts'
import type { KeyServer } from '../api/keyServer.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Backup, Claim, KnownCiphertext, Server } from './backup.ts'
import { BackupError } from './backupError.ts'
import { fingerprintsOf, type Fingerprints } from './fingerprints.ts'
import { readTar, writeTar, type TarEntry } from './tar.ts'

/** What the archive begins with: what it is, of what, and a hash of everything else in it. */
export interface Manifest extends Pick<
  Backup,
  'id' | 'createdAt' | 'productVersion' | 'releaseNamespace' | 'server' | 'claim'
> {
  readonly format: typeof format
  readonly formatVersion: typeof formatVersion
  readonly keyServer: { readonly name: string; readonly uid: string }
  readonly fingerprints: Fingerprints
  readonly folders: readonly string[]
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[]
}

const format = 'kes-injector backup'
/** Raised when a reader of today could not restore what is written then. */
const formatVersion = 1

const paths = {
  manifest: 'manifest.json',
  keyServer: 'keyserver.json',
  secrets: 'secrets.json',
  identities: 'kesidentities.json',
  known: 'known-ciphertext.json',
  data: 'data',
} as const

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)
const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

/** Writes a backup as a tar archive, its manifest first. The same backup makes the same bytes. */
export function packBackup(backup: Backup): Buffer {
  const { data } = backup
  const files: readonly (TarEntry & { readonly content: Buffer })[] = [
    { path: paths.keyServer, content: json(backup.keyServer) },
    { path: paths.secrets, content: json(backup.secrets) },
    { path: paths.identities, content: json(backup.identities) },
    { path: paths.known, content: json(backup.known) },
    ...[...data.files].map(([path, content]) => ({ path: `${paths.data}/${path}`, content })),
  ]
  const folders = [paths.data, ...data.folders.map((path) => `${paths.data}/${path}`)]
  const { id, createdAt, productVersion, releaseNamespace, server, claim, keyServer } = backup
  const manifest: Manifest = {
    format,
    formatVersion,
    id,
    createdAt,
    productVersion,
    releaseNamespace,
    keyServer: { name: keyServer.metadata.name, uid: keyServer.metadata.uid ?? '' },
    server,
    claim,
    fingerprints: fingerprintsOf(backup),
    folders,
    files: files.map(({ path, content }) => ({ path, bytes: content.length, sha256: sha256(content) })),
  }
  return writeTar([
    { path: paths.manifest, content: json(manifest) },
    ...folders.map((path) => ({ path, content: 'folder' as const })),
    ...files,
  ])
}

/**
 * Reads what `packBackup` wrote, every file against its hash, none missing and none besides. Throws `NotABackup`,
 * `Damaged`, and `NotABackup` too for a format of a later version.
 */
export function unpackBackup(archive: Buffer): { readonly backup: Backup; readonly manifest: Manifest } {
  const entries = readTar(archive)
  const files = new Map(
    entries.flatMap(({ path, content }) => (content === 'folder' ? [] : [[path, content] as const])),
  )
  const manifest = manifestOf(files)
  compare(manifest, entries)
  const prefix = `${paths.data}/`
  const inData = (path: string): readonly string[] => (path.startsWith(prefix) ? [path.slice(prefix.length)] : [])
  const data = {
    folders: manifest.folders.flatMap(inData),
    files: new Map([...files].flatMap(([path, content]) => inData(path).map((inside) => [inside, content] as const))),
  }
  const { id, createdAt, productVersion, releaseNamespace, server, claim } = manifest
  const backup: Backup = {
    id,
    createdAt,
    productVersion,
    releaseNamespace,
    server,
    claim,
    keyServer: objectIn(files, paths.keyServer) as unknown as KeyServer,
    secrets: listIn(files, paths.secrets),
    identities: listIn(files, paths.identities) as unknown as readonly KesIdentity[],
    known: objectIn(files, paths.known) as unknown as KnownCiphertext,
    data,
  }
  return { backup, manifest }
}

function compare(manifest: Manifest, entries: readonly TarEntry[]): void {
  const wanted = new Map(manifest.files.map((file) => [file.path, file]))
  const folders = new Set(manifest.folders)
  for (const { path, content } of entries) {
    if (path === paths.manifest || (content === 'folder' && folders.delete(path))) continue
    const file = wanted.get(path)
    if (!file || content === 'folder') throw damaged(`${path} is not listed in its manifest`)
    if (file.bytes !== content.length || file.sha256 !== sha256(content)) throw damaged(`${path} was changed`)
    wanted.delete(path)
  }
  const [missing] = [...wanted.keys(), ...folders]
  if (missing !== undefined) throw damaged(`${missing} is missing`)
}

type Fields = Readonly<Record<string, unknown>>
type Files = ReadonlyMap<string, Buffer>

function manifestOf(files: Files): Manifest {
  const manifest = files.has(paths.manifest) ? parsed(files, paths.manifest) : undefined
  if (!isRecord(manifest) || manifest['format'] !== format)
    throw new BackupError('NotABackup', 'the file was opened, but it is no backup of kes-injector')
  if (manifest['formatVersion'] !== formatVersion)
    throw new BackupError(
      'NotABackup',
      `the backup has format ${String(manifest['formatVersion'])}: use a later kes-injector`,
    )
  if (!isManifest(manifest)) throw damaged('its manifest lacks something')
  return manifest
}

const texts = ['id', 'createdAt', 'productVersion', 'releaseNamespace'] as const

function isManifest(value: Fields): value is Fields & Manifest {
  const { server, claim, files, folders } = value
  return (
    texts.every((name) => typeof value[name] === 'string') &&
    isServer(server) &&
    isClaim(claim) &&
    Array.isArray(folders) &&
    folders.every((folder) => typeof folder === 'string') &&
    Array.isArray(files) &&
    files.every(isRecord)
  )
}

const isServer = (value: unknown): value is Server =>
  isRecord(value) && ['image', 'dataPath', 'volumePath'].every((name) => typeof value[name] === 'string')

const isClaim = (value: unknown): value is Claim =>
  isRecord(value) && typeof value['name'] === 'string' && typeof value['size'] === 'string' && isRecord(value['labels'])

function objectIn(files: Files, path: string): Fields {
  const value = parsed(files, path)
  if (!isRecord(value)) throw damaged(`${path} is no object`)
  return value
}

function listIn(files: Files, path: string): readonly KubeObject[] {
  const value = parsed(files, path)
  if (!Array.isArray(value) || !value.every((each) => isRecord(each) && isRecord(each['metadata'])))
    throw damaged(`${path} is no list of objects`)
  return value as readonly KubeObject[]
}

function parsed(files: Files, path: string): unknown {
  try {
    return JSON.parse(files.get(path)?.toString('utf8') ?? '')
  } catch {
    // No cause: the parser quotes the text, and that may hold a key.
    throw damaged(`${path} is no JSON`)
  }
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const damaged = (how: string): BackupError => new BackupError('Damaged', `the backup is damaged: ${how}`)
