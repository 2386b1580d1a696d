import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the real program with this environment and no other. */
function kesInjector(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['src/main.ts', ...args], { env: environment, stdio: 'pipe' })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }),
    )
  })
}

describe('kes-injector on the command line', () => {
  it('prints its version, and nothing else', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    expect(await kesInjector(['version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it('prints its commands when it is asked for help, and when nothing is asked', async () => {
    const asked = await kesInjector(['--help'])
    expect(asked).toMatchObject({ code: 0, err: '' })
    for (const command of ['webhook', 'controller', 'version']) expect(asked.out).toContain(command)
    expect(await kesInjector([])).toEqual({ ...asked, code: 2 })
  })

  it.each(['webhok', 'constructor', '__proto__'])('knows no command %s', async (command) => {
    const { code, out, err } = await kesInjector([command])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`there is no command "${command}"`)
    expect(err).toContain('kes-injector --help')
  })

  it.each(['webhook', 'controller'])('%s explains its flags without needing any of them', async (command) => {
    const { code, out, err } = await kesInjector([command, '--help'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('--release-namespace  (KES_INJECTOR_RELEASE_NAMESPACE)')
  })

  it.each(['webhook', 'controller'])('%s says what is missing, and starts nothing', async (command) => {
    const { code, out, err } = await kesInjector([command])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('--release-namespace (KES_INJECTOR_RELEASE_NAMESPACE): is needed')
    expect(err).toContain(`kes-injector ${command} --help`)
    expect(err).not.toContain('    at ')
  })
})
