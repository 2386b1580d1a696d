import { extensionIds } from './certificateParts.ts'
import { bitString, boolean, derOf, implicit, objectId, octets, sequence, type Node } from './derWriter.ts'
import { ipAddressBytes } from './names.ts'

/** What a key may be used for in TLS: the extended key usages this project issues. */
export type Usage = 'server' | 'client'

const usageIds: Readonly<Record<Usage, string>> = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' }

/** Bits of RFC 5280 §4.2.1.3, first byte; `unused` counts the bits that follow the last one set. */
const keyUsages = {
  leaf: { unused: 7, bits: 0x80 }, // digitalSignature
  authority: { unused: 1, bits: 0x06 }, // keyCertSign, cRLSign
} as const

export interface LeafNames {
  readonly usages: readonly Usage[]
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
}

export function extension(id: string, critical: boolean, value: Node): Node {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(derOf(value)))
}

export function keyUsage(kind: keyof typeof keyUsages): Node {
  const { unused, bits } = keyUsages[kind]
  return extension(extensionIds.keyUsage, true, bitString(unused, Buffer.from([bits])))
}

export const extendedKeyUsage = (usages: readonly Usage[]): Node =>
  extension(extensionIds.extendedKeyUsage, false, sequence(...usages.map((name) => objectId(usageIds[name]))))

/** An empty SEQUENCE OF GeneralName is not allowed (RFC 5280 §4.2.1.6): no names, no extension. */
export function subjectAltName({ dnsNames, ipAddresses }: Omit<LeafNames, 'usages'>): readonly Node[] {
  const names = [
    ...dnsNames.map((name) => implicit(2, Buffer.from(name, 'ascii'))),
    ...ipAddresses.map((address) => implicit(7, ipAddressBytes(address))),
  ]
  return names.length > 0 ? [extension(extensionIds.subjectAltName, false, sequence(...names))] : []
}
