import { sign, type KeyObject } from 'node:crypto'
import { extensionIds, keyIdentifier, spkiDer } from './certificateParts.ts'
import {
  bitString,
  boolean,
  context,
  derOf,
  embedded,
  implicit,
  integer,
  objectId,
  octets,
  sequence,
  time,
  type Node,
} from './derWriter.ts'
import { extendedKeyUsage, extension, keyUsage, subjectAltName, type LeafNames } from './extensions.ts'
import { toPem } from './pem.ts'
import { subjectNode, type SubjectName } from './subject.ts'

/** A certificate before it is signed. Names and dates are taken as they are: authority.ts has checked them. */
export interface CertificateTemplate {
  readonly subject: SubjectName
  readonly publicKey: KeyObject
  /** `self` signs with `signingKey` under the certificate's own name. */
  readonly issuer: 'self' | { readonly subjectDer: Buffer; readonly keyIdentifier: Buffer }
  readonly signingKey: KeyObject
  /** Positive, at most 20 bytes: see serialNumber.ts. */
  readonly serial: Buffer
  readonly notBefore: Date
  readonly notAfter: Date
  readonly profile: { readonly kind: 'authority' } | ({ readonly kind: 'leaf' } & LeafNames)
}

/** ecdsa-with-SHA256 (RFC 5758 §3.2): all that is signed here is signed so. */
export const signatureAlgorithm = (): Node => sequence(objectId('1.2.840.10045.4.3.2'))

/** Something to be signed, its algorithm and the signature: the frame of certificates and of requests for them. PEM. */
export function signed(label: string, toBeSigned: Node, key: KeyObject): string {
  const signature = sign('sha256', derOf(toBeSigned), { key, dsaEncoding: 'der' })
  return toPem(label, derOf(sequence(toBeSigned, signatureAlgorithm(), bitString(0, signature))))
}

/** Writes and signs an X.509 v3 certificate (RFC 5280), PEM. The signing key must be on a P-256 curve. */
export function writeCertificate(template: CertificateTemplate): string {
  const subject = subjectNode(template.subject)
  const toBeSigned = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(template.serial),
    signatureAlgorithm(),
    template.issuer === 'self' ? subject : embedded(template.issuer.subjectDer),
    sequence(time(template.notBefore), time(template.notAfter)),
    subject,
    embedded(spkiDer(template.publicKey)),
    context(3, sequence(...extensions(template))),
  )
  return signed('CERTIFICATE', toBeSigned, template.signingKey)
}

function extensions({ profile, publicKey, issuer }: CertificateTemplate): readonly Node[] {
  const own = keyIdentifier(publicKey)
  const identifiers = [
    extension(extensionIds.subjectKeyIdentifier, false, octets(own)),
    extension(
      extensionIds.authorityKeyIdentifier,
      false,
      sequence(implicit(0, issuer === 'self' ? own : issuer.keyIdentifier)),
    ),
  ]
  if (profile.kind === 'authority') {
    // cA TRUE, pathLenConstraint 0: it issues leaves and no further authority.
    const constraints = sequence(boolean(true), integer(Buffer.from([0])))
    return [extension(extensionIds.basicConstraints, true, constraints), keyUsage('authority'), ...identifiers]
  }
  return [
    extension(extensionIds.basicConstraints, true, sequence()),
    keyUsage('leaf'),
    extendedKeyUsage(profile.usages),
    ...identifiers,
    ...subjectAltName(profile),
  ]
}
