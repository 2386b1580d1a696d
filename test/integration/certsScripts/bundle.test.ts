import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newFolder, runProgram } from './scripts.ts'

const project = join(import.meta.dirname, '../../..')
const folder = newFolder()
afterAll(() => folder.close())

beforeAll(async () => {
  const bundled = await runProgram(process.execPath, ['scripts/bundle.ts'], { cwd: project })
  expect(bundled.code, bundled.stderr).toBe(0)
  // Away from the project: nothing of node_modules or of its package.json may be needed.
  cpSync(join(project, 'dist/certs-scripts'), join(folder.cwd, 'scripts'), { recursive: true })
}, 120_000)

const run = (name: string, args: readonly string[], stdin = '') =>
  runProgram(process.execPath, [`scripts/${name}.mjs`, ...args], { cwd: folder.cwd, stdin })

it('the scripts of the image run from one file each, as in the image', async () => {
  const made = await run('identities', ['--secrets', '--namespace', 'kes'])
  expect(made.code, made.stderr).toBe(0)
  const inspected = await run('inspect', ['-'], made.stdout)
  expect(inspected.code, inspected.stderr).toBe(0)
  expect(inspected.stdout).toContain('no errors, no warnings')
  const authority = await run('authority', [])
  expect(authority.code, authority.stderr).toBe(0)
  expect(authority.stderr).toBe('')
  const pairs = [
    ['client', []],
    ['server', ['--dns', 'kes']],
  ] as const
  for (const [name, names] of pairs) {
    const issued = await run(name, ['--ca', 'ca.crt', '--ca-key', 'ca.key', ...names])
    expect(issued.code, issued.stderr).toBe(0)
  }
  expect((await run('identity-of', ['client.crt'])).stdout).toMatch(/^[0-9a-f]{64}\n$/)
})
