import forge from 'node-forge'

/**
 * One DER element that is being written. Only this file knows node-forge, and only its DER writer: it knows no elliptic curves, so keys
 * go in as the SubjectPublicKeyInfo that node:crypto exports, and node:crypto signs.
 */
export type Node = forge.asn1.Asn1

/** Bytes of a node (X.690 DER). */
export const derOf = (node: Node): Buffer => fromBinary(forge.asn1.toDer(node).getBytes())

/** DER that is there already, as a node. */
export const embedded = (der: Buffer): Node => forge.asn1.fromDer(binary(der))

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
export function time(date: Date): Node {
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
const primitive = (type: forge.asn1.Type, content: Buffer): Node =>
  createNode(classes.UNIVERSAL, type, false, binary(content))
const constructed = (type: forge.asn1.Type, nodes: readonly Node[]): Node =>
  createNode(classes.UNIVERSAL, type, true, [...nodes])
export const sequence = (...nodes: readonly Node[]): Node => constructed(types.SEQUENCE, nodes)
export const context = (tag: number, node: Node): Node => createNode(classes.CONTEXT_SPECIFIC, tag, true, [node])
export const implicit = (tag: number, content: Buffer): Node =>
  createNode(classes.CONTEXT_SPECIFIC, tag, false, binary(content))
export const integer = (content: Buffer): Node => primitive(types.INTEGER, content)
export const boolean = (value: boolean): Node => primitive(types.BOOLEAN, Buffer.from([value ? 0xff : 0]))
export const octets = (content: Buffer): Node => primitive(types.OCTETSTRING, content)
export const bitString = (unused: number, content: Buffer): Node =>
  primitive(types.BITSTRING, Buffer.concat([Buffer.from([unused]), content]))
export const objectId = (id: string): Node => primitive(types.OID, fromBinary(forge.asn1.oidToDer(id).getBytes()))
export const set = (...nodes: readonly Node[]): Node => constructed(types.SET, nodes)
export const utf8 = (text: string): Node => primitive(types.UTF8, Buffer.from(text, 'utf8'))
