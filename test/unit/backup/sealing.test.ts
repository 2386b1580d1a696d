import { generateIdentity, identityToRecipient } from 'age-encryption'
import { describe, expect, it } from 'vitest'
import { identitiesIn, open, seal } from '../../../src/backup/sealing.ts'

const content = Buffer.from('all the keys')
/** So that a test does not take a second for each guess. */
const workFactor = 10

describe('an encrypted file', () => {
  it('is opened by its passphrase and by no other', async () => {
    const file = Buffer.from(await seal(content, { passphrase: 'correct horse' }, workFactor))
    expect(file.includes('all the keys')).toBe(false)
    expect(await open(file, { passphrase: 'correct horse' })).toEqual(content)
    await expect(open(file, { passphrase: 'another horse' })).rejects.toMatchObject({ code: 'NotOpened' })
  })

  it('is opened by each of its recipients, and not by a stranger', async () => {
    const [one, other, stranger] = [await generateIdentity(), await generateIdentity(), await generateIdentity()]
    const recipients = [await identityToRecipient(one), await identityToRecipient(other)]
    const file = Buffer.from(await seal(content, { recipients }))
    for (const identity of [one, other]) expect(await open(file, { identities: [stranger, identity] })).toEqual(content)
    await expect(open(file, { identities: [stranger] })).rejects.toMatchObject({ code: 'NotOpened' })
    await expect(open(file, { passphrase: 'correct horse' })).rejects.toMatchObject({ code: 'NotOpened' })
  })

  it('is not opened where one byte was changed', async () => {
    const file = Buffer.from(await seal(content, { passphrase: 'correct horse' }, workFactor))
    const at = file.length - 5
    file[at] = (file[at] ?? 0) ^ 1
    await expect(open(file, { passphrase: 'correct horse' })).rejects.toMatchObject({ code: 'NotOpened' })
  })

  it('is told from any other file', async () => {
    for (const other of [Buffer.alloc(0), Buffer.from('-----BEGIN CERTIFICATE-----')])
      await expect(open(other, { passphrase: 'x' })).rejects.toMatchObject({ code: 'NotABackup' })
  })

  it('is not made for what is no recipient, nor opened with what is no identity, and neither is a secret told', async () => {
    await expect(seal(content, { recipients: ['age1nonsense'] })).rejects.toMatchObject({ code: 'NotBackedUp' })
    const file = Buffer.from(await seal(content, { passphrase: 'correct horse' }, workFactor))
    const identity = 'AGE-SECRET-KEY-1NONSENSE'
    const told = await open(file, { identities: [identity] }).catch(String)
    expect(told).not.toContain('NONSENSE')
  })
})

it('identities are read from a file as age-keygen writes it', () => {
  expect(identitiesIn('# created: today\n# public key: age1…\nAGE-SECRET-KEY-1A\r\n\nAGE-SECRET-KEY-1B')).toEqual([
    'AGE-SECRET-KEY-1A',
    'AGE-SECRET-KEY-1B',
  ])
})
