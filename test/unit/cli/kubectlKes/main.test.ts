import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pluginCommands } from '../../../../src/cli/kubectlKes/commands.ts'
import { runKubectlKes } from '../../../../src/cli/kubectlKes/run.ts'
import { identityOf } from '../../../../src/kes/identity.ts'
import { clientCertificate, newAuthority } from '../../../fixtures/certificates.ts'

const folder = mkdtempSync(join(tmpdir(), 'kubectl-kes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { certificatePem } = clientCertificate(newAuthority())
const certificate = join(folder, 'tls.crt')
writeFileSync(certificate, certificatePem)
const identity = identityOf(certificatePem)

const said = { out: '', err: '' }
beforeEach(() => {
  Object.assign(said, { out: '', err: '' })
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true))
})
afterEach(() => vi.restoreAllMocks())

const kes = async (...argv: readonly string[]) => ({ code: await runKubectlKes({ argv, environment: {} }), ...said })

describe('kubectl kes', () => {
  it('is the program under another name, as kubectl finds it', () => {
    const plugin = join(folder, 'kubectl-kes')
    symlinkSync(resolve('src/main.ts'), plugin)
    const { stdout, status } = spawnSync(process.execPath, [plugin, 'identity', 'of', certificate], {
      encoding: 'utf8',
    })
    expect({ stdout, status }).toEqual({ stdout: `${identity}\n`, status: 0 })
  })

  it('answers data where data is asked for', async () => {
    const { out } = await kes('identity', 'of', certificate, '--output', 'json')
    expect(JSON.parse(out)).toMatchObject({ identity, found: [{ identity, ended: false }] })
  })

  it('lists its subcommands', async () => {
    const { code, out } = await kes('--help')
    expect(code).toBe(0)
    for (const [name, { summary }] of Object.entries(pluginCommands)) {
      expect(out).toMatch(new RegExp(`^ +${name} +`, 'm'))
      expect(out).toContain(summary)
    }
  })

  it.each(Object.keys(pluginCommands))('%s explains itself without a cluster', async (name) => {
    const { code, out } = await kes(name, '-h')
    expect(code).toBe(0)
    expect(out).toContain(`Usage: kubectl kes ${name}`)
    expect(out).toMatch(/^ {2}-o, --output FORMAT/m)
  })

  it.each([
    [['identity']],
    [['identity', 'of']],
    [['status', 'extra']],
    [['status', '--output', 'yaml']],
    [['status', '--unknown']],
    [['explain']],
    [['explain', 'secret/a']],
    [['inject', 'pod/a']],
    [['uninject']],
    [['convert']],
    [['convert', 'namespace/a']],
    [['convert', 'deployment/a']],
  ])('says how it is used, and ends with 2, for %j', async (args) => {
    const { code, out, err } = await kes(...args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`See kubectl kes ${args[0] ?? ''} --help`)
  })

  it.each([
    [['identity', 'of', '/nowhere'], 'ENOENT'],
    [['identity', 'of', '/'], 'EISDIR'],
    [['explain', '-f', certificate], 'the file holds no'],
    [['check', '--context', 'no-such-context'], 'no-such-context'],
  ])('tells in one line what is wrong, and ends with 1, for %j', async (args, told) => {
    const { code, out, err } = await kes(...args)
    expect({ code, out, lines: err.trim().split('\n').length }).toEqual({ code: 1, out: '', lines: 1 })
    expect(err).toContain(told)
  })
})
