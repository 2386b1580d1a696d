import { kesVariableOrder, kesVariables, type KesSettings } from '../../minio/environment.ts'
import { isObject, listOf, memberAt, textAt } from '../../minio/shape.ts'
import { operatorRunsKes } from '../../minio/tenant.ts'
import { readKmsVariables } from '../../minio/variable.ts'

/** A Tenant that a person connected to a KES by hand: the five variables in `spec.env`, and which entries their files come from. */
export interface HandMade {
  readonly env: readonly unknown[]
  readonly references: readonly unknown[]
  readonly mounts: readonly unknown[]
  readonly settings: KesSettings
  /** Where each of the five stands in `env`. */
  readonly places: Readonly<Record<keyof KesSettings, number>>
  /** Index of the entry with MinIO's client pair. */
  readonly client: number
  /** Index of the entry whose certificate MinIO trusts; undefined where it comes from elsewhere. */
  readonly authority: number | undefined
}

/** Why it is not touched, in a sentence. */
export interface NotUnderstood {
  readonly why: string
}

/** Index in a path of `spec.externalClientCertSecrets` (operator minio-statefulset.go); undefined for any other path. */
function indexIn(path: string, forms: readonly RegExp[]): number | undefined {
  for (const form of forms) {
    const [, index] = form.exec(path) ?? []
    if (index !== undefined) return Number(index)
  }
  return undefined
}

const certificate = /^\/tmp\/certs\/client-(\d{1,6})\/client\.crt$/
const key = /^\/tmp\/certs\/client-(\d{1,6})\/client\.key$/
const authority = /^\/tmp\/certs\/CAs\/client-ca-(\d{1,6})\.crt$/
/** Files that the operator or MinIO puts there from other fields: no entry of this list. */
const elsewhere = /^\/(?!tmp\/certs\/client-)(?!.*(?:\/\.{0,2}\/|\/\.{0,2}$)).+$/

/**
 * Reads a Tenant as hands left it. Everything that is not exactly understood is refused: what is changed here is what opens the data.
 * Pure.
 */
export function readHandMade(tenant: unknown): HandMade | NotUnderstood {
  const spec = memberAt(tenant, 'spec')
  const [env, references, mounts] = ['env', 'externalClientCertSecrets', 'additionalVolumeMounts'].map((name) =>
    listOf(memberAt(spec, name)),
  )
  if (!isObject(spec) || !env || !references || !mounts)
    return { why: 'spec or one of the lists in it has not the shape of the CRD' }
  if (operatorRunsKes(tenant))
    return { why: 'it has spec.kes: the operator runs its KES. See docs/how-to/tenant-with-its-own-kes.md' }
  const { kes, foreign } = readKmsVariables(env)
  if (foreign) return { why: `${foreign.name} is set in spec.env: that is another way to a KMS, or a part of one` }
  if (kes.size === 0)
    return { why: 'spec.env names no KES: nothing was connected by hand. To connect it: kubectl kes inject' }
  const names = env.map((each) => textAt(each, 'name'))
  for (const which of kesVariableOrder) {
    const name = kesVariables[which]
    if (names.filter((each) => each === name).length > 1)
      return { why: `spec.env has ${name} twice: keep the last one` }
    const variable = kes.get(which)
    if (!variable) return { why: `spec.env has not all five variables: ${name} is missing` }
    if (variable.literal === undefined)
      return { why: `${name} in spec.env takes its value from elsewhere (valueFrom): write the value itself there` }
    if (variable.literal === '') return { why: `${name} in spec.env is empty` }
  }
  const value = (which: keyof KesSettings) => kes.get(which)?.literal ?? ''
  const place = (which: keyof KesSettings) => kes.get(which)?.index ?? -1
  const each = <T>(of: (which: keyof KesSettings) => T): Readonly<Record<keyof KesSettings, T>> => ({
    endpoint: of('endpoint'),
    keyName: of('keyName'),
    certificateFile: of('certificateFile'),
    keyFile: of('keyFile'),
    authorityPath: of('authorityPath'),
  })
  const settings = each(value)
  const files = filesOf(settings, references.length)
  return 'why' in files ? files : { env, references, mounts, settings, places: each(place), ...files }
}

function filesOf(
  { certificateFile, keyFile, authorityPath }: KesSettings,
  entries: number,
): Pick<HandMade, 'client' | 'authority'> | NotUnderstood {
  const client = indexIn(certificateFile, [certificate])
  if (client === undefined)
    return { why: `${kesVariables.certificateFile} is no file of an entry in spec.externalClientCertSecrets` }
  if (indexIn(keyFile, [key]) !== client)
    return { why: `${kesVariables.keyFile} is not the key beside ${kesVariables.certificateFile}` }
  const trusted = indexIn(authorityPath, [certificate, authority])
  if (trusted === undefined && !elsewhere.test(authorityPath))
    return { why: `${kesVariables.authorityPath} is no path that the operator puts a certificate at` }
  const missing = [client, trusted ?? client].find((index) => index >= entries)
  if (missing !== undefined)
    return {
      why: `its files are those of entry ${missing} of spec.externalClientCertSecrets, which has ${entries}: MinIO cannot run like this`,
    }
  return { client, authority: trusted }
}
