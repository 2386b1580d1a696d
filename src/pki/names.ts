import { isIP, isIPv6 } from 'node:net'
import { PkiError } from './pkiError.ts'

// RFC 1123 labels in lower case; a wildcard only as the whole first label (RFC 9525 §6.3).
const dnsName = /^(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)*[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const longestDnsName = 253
/** `ub-common-name` and `ub-organization-name` of RFC 5280 appendix A.1. */
const longestNamePart = 64

/** Answers a DNS name as certificates hold it (lower case). Throws `NameInvalid`. */
export function checkedDnsName(name: string): string {
  const lower = name.toLowerCase()
  if (lower.length > longestDnsName || !dnsName.test(lower) || isIP(lower) !== 0) {
    throw new PkiError('NameInvalid', `${JSON.stringify(name.slice(0, 80))} is not a DNS name`)
  }
  return lower
}

/** Answers the one spelling of an IP address, so that two spellings of one address compare equal. Throws `NameInvalid`. */
export function checkedIpAddress(address: string): string {
  if (isIP(address) === 0 || address.includes('%')) {
    throw new PkiError('NameInvalid', `${JSON.stringify(address.slice(0, 80))} is not an IP address`)
  }
  // The URL parser has exactly one spelling for an IPv6 host; IPv4 has only one that isIP accepts.
  return isIPv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** Answers a subject's part (common name, organisation) after checking RFC 5280's bounds. Throws `NameInvalid`. */
export function checkedNamePart(part: string): string {
  if (part.trim() === '' || part.length > longestNamePart || /\p{Cc}/u.test(part)) {
    throw new PkiError('NameInvalid', `a subject's part must have 1 to ${longestNamePart} printable characters`)
  }
  return part
}

/** The four or sixteen bytes of an address that `checkedIpAddress` has answered (RFC 5280 §4.2.1.6, iPAddress). */
export function ipAddressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

/** The address that a certificate's iPAddress bytes mean, in its one spelling; undefined when they mean none. */
export function ipAddressOf(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return [...bytes].join('.')
  if (bytes.length !== 16) return undefined
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  return checkedIpAddress(groups.join(':'))
}
