import { describe, expect, it } from 'vitest'
import { checkedDnsName, checkedIpAddress, ipAddressBytes, ipAddressOf } from '../../../src/pki/names.ts'

const invalid = expect.objectContaining({ code: 'NameInvalid' }) as Error

describe('names in certificates', () => {
  it.each(['kes', 'kes.ns.svc.cluster.local', '*.kes.ns.svc', 'a-b.c', `${'a'.repeat(63)}.b`])(
    'has the host %s',
    (name) => {
      expect(checkedDnsName(name)).toBe(name)
    },
  )

  it.each([
    '',
    '.',
    'a.',
    '.a',
    '-a',
    'a-',
    'a..b',
    'a_b',
    '*',
    '*.',
    'a.*.b',
    'ä.b',
    'a\0b',
    'a'.repeat(64),
    'a.'.repeat(127) + 'ab',
    '10.0.0.1',
    'a b',
  ])('does not have the host %j', (name) => {
    expect(() => checkedDnsName(name)).toThrow(invalid)
  })

  it.each([
    ['10.1.2.3', '10.1.2.3', '0a010203'],
    ['FD00:0:0::1', 'fd00::1', 'fd000000000000000000000000000001'],
    ['::', '::', '00000000000000000000000000000000'],
    ['::ffff:1.2.3.4', '::ffff:102:304', '00000000000000000000ffff01020304'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1::', '1::', '00010000000000000000000000000000'],
  ])('spells the address %s in one way and writes its bytes', (given, spelled, hex) => {
    expect(checkedIpAddress(given)).toBe(spelled)
    expect(ipAddressBytes(spelled).toString('hex')).toBe(hex)
    expect(ipAddressOf(Buffer.from(hex, 'hex'))).toBe(spelled)
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '01.2.3.4', 'fe80::1%eth0', '[::1]', '1:2'])(
    'does not have the address %j',
    (address) => {
      expect(() => checkedIpAddress(address)).toThrow(invalid)
    },
  )

  it('reads no address from bytes of another length', () => {
    expect(ipAddressOf(Buffer.alloc(5))).toBeUndefined()
  })
})
