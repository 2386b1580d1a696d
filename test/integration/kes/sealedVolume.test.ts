import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openVolume, type DataFiles } from '../../../src/kes/sealedVolume.ts'
import type { StatefulKes } from '../../../src/kes/statefulClient.ts'
import { newUnsealKey } from '../../../src/kes/unsealKey.ts'
import { systemRandom } from '../../../src/pki/serialNumber.ts'
import { servingKeyServer, type KeyServer } from './keyServer.ts'

const codeOf = (open: () => unknown): unknown => {
  try {
    open()
  } catch (error) {
    return (error as { readonly code?: unknown }).code
  }
  return 'opened'
}

const filesOf = (data: string): DataFiles =>
  new Map(
    readdirSync(data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path.slice(data.length + 1), readFileSync(path)]),
  )

const keyPath = 'enclave/default/key/one_minio'

describe('the data directory of a real KES, read without KES', () => {
  let server: KeyServer
  let admin: StatefulKes
  let dataKey: { readonly plaintext: Buffer; readonly ciphertext: Buffer }
  let bound: typeof dataKey
  let files: DataFiles

  beforeAll(async () => {
    ;({ server, admin } = await servingKeyServer())
    for (const name of ['one_minio', 'kes-injector-check', 'k'.repeat(80)]) await admin.createKey(name)
    dataKey = await admin.generate('one_minio')
    bound = await admin.generate('one_minio', Buffer.from('bucket/object'))
    files = filesOf(server.data)
  })

  afterAll(async () => {
    admin.close()
    await server.close()
  })

  const changed = (path: string, content: Buffer): DataFiles => new Map([...files, [path, content]])
  const flipped = (content: Buffer, at: number): Buffer => {
    const copy = Buffer.from(content)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }

  it('opens with the unseal key and tells keys and administrators as KES does', async () => {
    const volume = openVolume(files, server.unsealKey)
    expect(volume.keyNames).toEqual((await admin.listKeys('*')).map(({ name }) => name).sort())
    expect(volume.damagedKeys).toEqual([])
    expect(volume.enclaveAdmin).toBe(server.admin.identity)
    expect(volume.systemAdmin).toMatch(/^[0-9a-f]{64}$/)
    expect(openVolume(files, `${server.unsealKey}\n`).keyNames).toHaveLength(3)
  })

  it('decrypts what the real KES encrypted, with and without a context, and nothing else', () => {
    const { decrypt } = openVolume(files, server.unsealKey)
    expect(decrypt('one_minio', dataKey.ciphertext)).toEqual(dataKey.plaintext)
    expect(decrypt('one_minio', bound.ciphertext, Buffer.from('bucket/object'))).toEqual(bound.plaintext)
    expect(codeOf(() => decrypt('one_minio', bound.ciphertext))).toBe('NotAuthentic')
    expect(codeOf(() => decrypt('kes-injector-check', dataKey.ciphertext))).toBe('NotAuthentic')
    expect(codeOf(() => decrypt('two_minio', dataKey.ciphertext))).toBe('KeyNotFound')
    for (const at of [0, 1, 30, 60, 80, dataKey.ciphertext.length - 1])
      expect(codeOf(() => decrypt('one_minio', flipped(dataKey.ciphertext, at)))).toMatch(
        /^(NotAuthentic|DataUnreadable)$/,
      )
  })

  it('is not opened by another unseal key, nor where the chain to its keys was touched', () => {
    expect(codeOf(() => openVolume(files, newUnsealKey(systemRandom)))).toBe('NotAuthentic')
    expect(codeOf(() => openVolume(files, 'short'))).toBe('DataUnreadable')
    for (const path of ['.unseal', 'enclave/default/.enclave']) {
      const content = files.get(path) ?? Buffer.alloc(0)
      for (const cut of [Buffer.alloc(0), content.subarray(0, 40), flipped(content, content.length - 3)])
        expect(codeOf(() => openVolume(changed(path, cut), server.unsealKey))).toMatch(
          /^(NotAuthentic|DataUnreadable)$/,
        )
    }
  })

  it('names the keys that are damaged or lie under another name, and opens the others', () => {
    const content = files.get(keyPath) ?? Buffer.alloc(0)
    const damaged = openVolume(changed(keyPath, flipped(content, 70)), server.unsealKey)
    expect(damaged.damagedKeys).toEqual(['one_minio'])
    expect(damaged.keyNames).toHaveLength(2)
    expect(openVolume(changed('enclave/default/key/two_minio', content), server.unsealKey).damagedKeys).toEqual([
      'two_minio',
    ])
  })
})
