import { sign, type KeyObject } from 'node:crypto'
import forge from 'node-forge'
import { extensionIds, keyIdentifier, spkiDer } from './certificateParts.ts'
import { ipAddressBytes } from './names.ts'
import { toPem } from './pem.ts'

/** What a key may be used for in TLS: the extended key usages this project issues. */
export type Usage = 'server' | 'client'

interface SubjectName {
  readonly commonName: string
  readonly organizations: readonly string[]
}

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
  readonly profile:
    | { readonly kind: 'authority' }
    | {
        readonly kind: 'leaf'
        readonly usages: readonly Usage[]
        readonly dnsNames: readonly string[]
        readonly ipAddresses: readonly string[]
      }
}

const objectIds = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const

/** Bits of RFC 5280 §4.2.1.3, first byte; `unused` counts the bits that follow the last one set. */
const keyUsages = {
  leaf: { unused: 7, bits: 0x80 }, // digitalSignature
  authority: { unused: 1, bits: 0x06 }, // keyCertSign, cRLSign
} as const

type Node = forge.asn1.Asn1

/**
 * Writes and signs an X.509 v3 certificate (RFC 5280), PEM.
 *
 * Only here is node-forge known, and only its DER writer: the key goes in as the SubjectPublicKeyInfo that node:crypto
 * exports, and node:crypto signs (forge knows RSA only). The signing key must be on a P-256 curve.
 */
export function writeCertificate(template: CertificateTemplate): string {
  const algorithm = sequence(objectId(objectIds.ecdsaWithSha256))
  const subject = nameNode(template.subject)
  const toBeSigned = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(template.serial),
    algorithm,
    template.issuer === 'self' ? subject : embedded(template.issuer.subjectDer),
    sequence(time(template.notBefore), time(template.notAfter)),
    subject,
    embedded(spkiDer(template.publicKey)),
    context(3, sequence(...extensions(template))),
  )
  const signature = sign('sha256', derOf(toBeSigned), { key: template.signingKey, dsaEncoding: 'der' })
  return toPem('CERTIFICATE', derOf(sequence(toBeSigned, algorithm, bitString(0, signature))))
}

function extensions(template: CertificateTemplate): readonly Node[] {
  const { profile } = template
  const own = keyIdentifier(template.publicKey)
  const issuer = template.issuer === 'self' ? own : template.issuer.keyIdentifier
  const identifiers = [
    extension(extensionIds.subjectKeyIdentifier, false, octets(own)),
    extension(extensionIds.authorityKeyIdentifier, false, sequence(implicit(0, issuer))),
  ]
  const usage = keyUsages[profile.kind]
  const keyUsage = extension(extensionIds.keyUsage, true, bitString(usage.unused, Buffer.from([usage.bits])))
  if (profile.kind === 'authority') {
    // cA TRUE, pathLenConstraint 0: it issues leaves and no further authority.
    const constraints = sequence(boolean(true), integer(Buffer.from([0])))
    return [extension(extensionIds.basicConstraints, true, constraints), keyUsage, ...identifiers]
  }
  const names = [
    ...profile.dnsNames.map((name) => implicit(2, Buffer.from(name, 'ascii'))),
    ...profile.ipAddresses.map((address) => implicit(7, ipAddressBytes(address))),
  ]
  return [
    extension(extensionIds.basicConstraints, true, sequence()),
    keyUsage,
    extension(
      extensionIds.extendedKeyUsage,
      false,
      sequence(...profile.usages.map((name) => objectId(objectIds[name]))),
    ),
    ...identifiers,
    // An empty SEQUENCE OF GeneralName is not allowed (RFC 5280 §4.2.1.6): no names, no extension.
    ...(names.length > 0 ? [extension(extensionIds.subjectAltName, false, sequence(...names))] : []),
  ]
}

function nameNode({ commonName, organizations }: SubjectName): Node {
  return sequence(
    ...organizations.map((organization) => namePart(objectIds.organization, organization)),
    namePart(objectIds.commonName, commonName),
  )
}

function namePart(id: string, value: string): Node {
  const text = primitive(forge.asn1.Type.UTF8, Buffer.from(value, 'utf8'))
  return constructed(forge.asn1.Type.SET, [sequence(objectId(id), text)])
}

function extension(id: string, critical: boolean, value: Node): Node {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(derOf(value)))
}

// RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050.
function time(date: Date): Node {
  const { UTCTIME, GENERALIZEDTIME } = forge.asn1.Type
  return date.getUTCFullYear() < 2050
    ? primitive(UTCTIME, Buffer.from(forge.asn1.dateToUtcTime(date), 'ascii'))
    : primitive(GENERALIZEDTIME, Buffer.from(forge.asn1.dateToGeneralizedTime(date), 'ascii'))
}

const { Class: classes, Type: types } = forge.asn1
// Context tags are plain numbers, and forge's type of this function knows only the universal ones.
const createNode: (tagClass: forge.asn1.Class, tag: number, constructed: boolean, content: string | Node[]) => Node =
  forge.asn1.create
const binary = (bytes: Buffer): string => bytes.toString('latin1')
const fromBinary = (text: string): Buffer => Buffer.from(text, 'latin1')
const derOf = (node: Node): Buffer => fromBinary(forge.asn1.toDer(node).getBytes())
const embedded = (der: Buffer): Node => forge.asn1.fromDer(binary(der))
const primitive = (type: forge.asn1.Type, content: Buffer): Node =>
  createNode(classes.UNIVERSAL, type, false, binary(content))
const constructed = (type: forge.asn1.Type, nodes: readonly Node[]): Node =>
  createNode(classes.UNIVERSAL, type, true, [...nodes])
const sequence = (...nodes: readonly Node[]): Node => constructed(types.SEQUENCE, nodes)
const context = (tag: number, node: Node): Node => createNode(classes.CONTEXT_SPECIFIC, tag, true, [node])
const implicit = (tag: number, content: Buffer): Node =>
  createNode(classes.CONTEXT_SPECIFIC, tag, false, binary(content))
const integer = (content: Buffer): Node => primitive(types.INTEGER, content)
const boolean = (value: boolean): Node => primitive(types.BOOLEAN, Buffer.from([value ? 0xff : 0]))
const octets = (content: Buffer): Node => primitive(types.OCTETSTRING, content)
const bitString = (unused: number, content: Buffer): Node =>
  primitive(types.BITSTRING, Buffer.concat([Buffer.from([unused]), content]))
const objectId = (id: string): Node => primitive(types.OID, fromBinary(forge.asn1.oidToDer(id).getBytes()))
