import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hashIn, lookAt } from '../../../src/agent/mountedFiles.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mounted-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** As the kubelet does it: another folder, and the link to it renamed over the former one. */
function exchange(name: string, text: string): void {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'file'), text)
  symlinkSync(name, join(folder, '..tmp'))
  renameSync(join(folder, '..tmp'), join(folder, '..data'))
}

describe('what the kubelet has mounted', () => {
  it('is told apart by its content, and by nothing else', async () => {
    exchange('..1', 'one')
    const first = await lookAt([folder])
    exchange('..2', 'one')
    expect((await lookAt([folder])).digest).toBe(first.digest)
    exchange('..3', 'two')
    expect((await lookAt([folder])).digest).not.toBe(first.digest)
  })

  it('is as old as its last exchange', async () => {
    const before = Date.now() - 50
    exchange('..1', 'one')
    expect((await lookAt([folder])).exchangedAt).toBeGreaterThanOrEqual(before)
  })

  it('may be a plain folder as well, and is an error where there is none', async () => {
    writeFileSync(join(folder, 'file'), 'one')
    expect((await lookAt([folder])).digest).toMatch(/^[0-9a-f]{64}$/)
    await expect(lookAt([join(folder, 'none')])).rejects.toThrow()
  })

  it('says which configuration it is', () => {
    expect(hashIn('policy:\n  kes-injector-config-0123456789ab:\n    allow: []\n')).toBe('0123456789ab')
    expect(hashIn('policy: {}')).toBeUndefined()
  })
})
