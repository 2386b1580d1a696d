import { describe, expect, it } from 'vitest'
import { missing } from '../../../src/controller/found.ts'
import { secretObject } from '../../../src/controller/secretWriter.ts'
import { foundAuthority, storedAuthority } from '../../../src/controller/storedAuthority.ts'
import { secrets } from '../../../src/kube/resources.ts'
import { privateKeyPem } from '../../../src/pki/privateKey.ts'
import { memoryClient } from './memoryClient.ts'
import { authorityFacts, newAuthority, storedLeaf } from './pairs.ts'

const [authority, other] = [newAuthority(), newAuthority()]
const leaf = storedLeaf(authority).pem
const ref = { namespace: 'kes-system', name: 'kes-default-authority-1' }
const holding = (certificatePem: string, keyPem: string) =>
  secretObject({ ...ref, data: { 'tls.crt': certificatePem, 'tls.key': keyPem } })
const good = holding(authority.certificatePem, privateKeyPem(authority.key))

describe('an authority that is looked at', () => {
  it('shows its certificate and never its key', () => {
    const answer = foundAuthority(good)
    expect(answer).toEqual({ is: 'found', value: authorityFacts(authority) })
    expect(JSON.stringify(answer)).not.toContain('PRIVATE KEY')
  })

  it('is missing only where there is no Secret', () => {
    expect(foundAuthority(undefined)).toEqual(missing)
  })

  it.each([
    ["another one's key", holding(authority.certificatePem, privateKeyPem(other.key))],
    ['a leaf', holding(leaf.certificatePem, leaf.keyPem)],
    ['no key', secretObject({ ...ref, data: { 'tls.crt': authority.certificatePem } })],
    ['rubbish', holding('rubbish', 'rubbish')],
  ])('is broken with %s', (_what, secret) => {
    expect(foundAuthority(secret).is).toBe('broken')
  })
})

describe('an authority that issues', () => {
  it('is read from its Secret', async () => {
    const { certificatePem } = await storedAuthority(memoryClient([secrets, good]), ref)
    expect(certificatePem).toBe(authority.certificatePem)
  })

  it('is never made up where its Secret went away', async () => {
    await expect(storedAuthority(memoryClient(), ref)).rejects.toThrow('kes-default-authority-1 went away')
  })
})
