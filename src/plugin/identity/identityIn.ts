import { identityOf } from '../../kes/identity.ts'
import { isObject, member, textAt, textOf } from '../../minio/shape.ts'
import { readCertificate } from '../../pki/certificateParts.ts'
import { pemBlocks } from '../../pki/pem.ts'
import { PkiError } from '../../pki/pkiError.ts'
import { parsePrivateKey } from '../../pki/privateKey.ts'
import { objectsIn } from '../objectsIn.ts'
import { PluginError } from '../pluginError.ts'

/** An identity and what it was read from. */
export interface FoundIdentity {
  readonly identity: string
  readonly from: string
  /** Of a certificate. */
  readonly notAfter: string | undefined
}

/** Entries of a Secret in which a certificate or a key stands: Kubernetes' own names, and the MinIO operator's. */
const secretEntries = ['tls.crt', 'public.crt', 'tls.key', 'private.key'] as const

/**
 * The KES identities in a text: a certificate (of a chain the first, which is the caller's), a key, or Secrets in YAML or JSON.
 * Throws PluginError `FileUnreadable`; what it says holds no byte of a key.
 */
export function identitiesIn(text: string): readonly FoundIdentity[] {
  const found = looksLikeObjects(text) ? objectsIn(text).flatMap(ofSecret) : ofPem(text, '')
  if (found.length > 0) return found
  throw new PluginError('FileUnreadable', 'the file holds no certificate, no key and no Secret with one')
}

// PEM text may follow anything, so what tells is a field that every object of Kubernetes has.
const looksLikeObjects = (text: string): boolean => /^\s*\{/.test(text) || /^(?:apiVersion|kind|items):/m.test(text)

function ofSecret(object: unknown): readonly FoundIdentity[] {
  if (textOf(object, 'kind') !== 'Secret') return []
  const name = textAt(object, 'metadata', 'name') ?? '(no name)'
  const data = member(object, 'data')
  return secretEntries.flatMap((entry) => {
    const plain = textAt(object, 'stringData', entry)
    const encoded = isObject(data) ? textOf(data, entry) : undefined
    const text = plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8'))
    return text === undefined ? [] : ofPem(text, `Secret ${name}, ${entry}: `)
  })
}

function ofPem(text: string, place: string): readonly FoundIdentity[] {
  try {
    const blocks = pemBlocks(text)
    const certificate = blocks.find(({ label }) => label === 'CERTIFICATE')
    if (certificate) {
      const notAfter = readCertificate(certificate.text).validToDate.toISOString()
      return [{ identity: identityOf(certificate.text), from: `${place}certificate`, notAfter }]
    }
    const publicKey = blocks.find(({ label }) => label === 'PUBLIC KEY')
    if (publicKey) return [{ identity: identityOf(publicKey.text), from: `${place}public key`, notAfter: undefined }]
    const [key] = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'))
    if (!key) return []
    parsePrivateKey(key.text)
    return [{ identity: identityOf(key.text), from: `${place}key`, notAfter: undefined }]
  } catch (error) {
    if (error instanceof PkiError) throw new PluginError('FileUnreadable', `${place}${error.message}`, { cause: error })
    throw error
  }
}

/** Whether certificate and key of one Secret, or two Secrets, are one identity. */
export const isOne = (all: readonly FoundIdentity[]): boolean => new Set(all.map(({ identity }) => identity)).size === 1
