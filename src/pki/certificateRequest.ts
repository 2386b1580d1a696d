import { createPublicKey, type KeyObject } from 'node:crypto'
import { spkiDer } from './certificateParts.ts'
import { signed } from './certificate.ts'
import { context, embedded, integer, objectId, sequence, set } from './derWriter.ts'
import { extendedKeyUsage, keyUsage, subjectAltName, type LeafNames } from './extensions.ts'
import { checkedDnsName, checkedIpAddress, checkedNamePart } from './names.ts'
import { subjectNode, type SubjectName } from './subject.ts'

/** PKCS #9 extensionRequest (RFC 2985 §5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14'

export interface CertificateRequest extends SubjectName, LeafNames {
  /** The leaf's private key, on a P-256 curve: it signs the request and never leaves this process. */
  readonly key: KeyObject
}

/**
 * Asks another authority for a leaf (PKCS #10, RFC 2986), PEM: the key stays here, so whoever issues, the KES identity
 * is ours to keep. Throws `NameInvalid`.
 */
export function writeCertificateRequest({ key, ...wanted }: CertificateRequest): string {
  const names: LeafNames = {
    usages: wanted.usages,
    dnsNames: wanted.dnsNames.map(checkedDnsName),
    ipAddresses: wanted.ipAddresses.map(checkedIpAddress),
  }
  const subject = {
    commonName: checkedNamePart(wanted.commonName),
    organizations: wanted.organizations.map(checkedNamePart),
  }
  const extensions = sequence(keyUsage('leaf'), extendedKeyUsage(names.usages), ...subjectAltName(names))
  const information = sequence(
    integer(Buffer.from([0])),
    subjectNode(subject),
    embedded(spkiDer(createPublicKey(key))),
    context(0, sequence(objectId(extensionRequest), set(extensions))),
  )
  return signed('CERTIFICATE REQUEST', information, key)
}
