import { mkdtemp, rename, rm, symlink, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Log, LogFields } from '../../../src/observe/log.ts'
import { certificateFolder, type ServingCertificate } from '../../../src/tls/servingCertificate.ts'
import { newAuthority, servingCertificate } from '../../fixtures/certificates.ts'

const authority = newAuthority()
const [first, second] = [servingCertificate(authority), servingCertificate(authority)]

const complaints: (LogFields | undefined)[] = []
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (_message, fields) => void complaints.push(fields),
  error: () => undefined,
  with: () => log,
}

/** A folder as the kubelet makes it: the files are links through `..data`, which is exchanged as a whole. */
let directory = ''
let versions = 0
async function publish(certificatePem: string, keyPem: string): Promise<void> {
  const version = `..version-${versions++}`
  await mkdir(join(directory, version))
  await writeFile(join(directory, version, 'tls.crt'), certificatePem)
  await writeFile(join(directory, version, 'tls.key'), keyPem)
  await symlink(version, join(directory, '..next'))
  await rename(join(directory, '..next'), join(directory, '..data'))
}

beforeEach(async () => {
  complaints.length = 0
  directory = await mkdtemp(join(tmpdir(), 'serving-'))
  for (const file of ['tls.crt', 'tls.key']) await symlink(join('..data', file), join(directory, file))
})
afterEach(() => rm(directory, { recursive: true }))

describe('a folder with a certificate', () => {
  it('gives the pair that lies in it', async () => {
    await publish(first.certificatePem, first.keyPem)
    const folder = certificateFolder({ directory, log })
    await folder.look()
    expect(folder.current()).toEqual(first)
  })

  it('tells of another pair once, and of the same one not at all', async () => {
    await publish(first.certificatePem, first.keyPem)
    const folder = certificateFolder({ directory, log })
    await folder.look()
    const told: ServingCertificate[] = []
    folder.onChange((certificate) => told.push(certificate))
    await publish(first.certificatePem, first.keyPem)
    await folder.look()
    expect(told).toEqual([])
    await publish(second.certificatePem, second.keyPem)
    await folder.look()
    await folder.look()
    expect(told).toEqual([second])
  })

  it.each<[string, string, string]>([
    ['the key of another certificate', second.certificatePem, first.keyPem],
    ['garbage', 'x', 'y'],
    ['nothing', '', ''],
    ['half a certificate', second.certificatePem.slice(0, 300), second.keyPem],
  ])('keeps the last good pair when it is given %s, and complains once', async (_what, certificatePem, keyPem) => {
    await publish(first.certificatePem, first.keyPem)
    const folder = certificateFolder({ directory, log })
    await folder.look()
    await publish(certificatePem, keyPem)
    await folder.look()
    await folder.look()
    expect(folder.current()).toEqual(first)
    expect(complaints).toHaveLength(1)
    expect(JSON.stringify(complaints)).not.toContain(first.keyPem.split('\n')[1])
  })

  it('takes the next good pair after a bad one', async () => {
    await publish('x', 'y')
    const folder = certificateFolder({ directory, log })
    await folder.look()
    expect(folder.current()).toBeUndefined()
    await publish(second.certificatePem, second.keyPem)
    await folder.look()
    expect(folder.current()).toEqual(second)
  })

  it('keeps the last good pair when the files are gone', async () => {
    await publish(first.certificatePem, first.keyPem)
    const folder = certificateFolder({ directory, log })
    await folder.look()
    await rm(join(directory, '..data'))
    await folder.look()
    expect(folder.current()).toEqual(first)
  })

  it('waits for the first good pair while watching', async () => {
    const folder = certificateFolder({ directory, log, everyMs: 5 })
    const watching = folder.watch()
    await publish(first.certificatePem, first.keyPem)
    expect(await watching).toEqual(first)
    const next = new Promise<ServingCertificate>((resolve) => folder.onChange(resolve))
    await publish(second.certificatePem, second.keyPem)
    expect(await next).toEqual(second)
    folder.stop()
  })
})
