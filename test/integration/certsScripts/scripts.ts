import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const project = join(import.meta.dirname, '../../..')

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Given {
  readonly cwd: string
  readonly stdin?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs a program to its end; a code that is not 0 is an answer. */
export function runProgram(
  program: string,
  args: readonly string[],
  { cwd, stdin = '', environment = {} }: Given,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { PATH: process.env['PATH'] ?? '', ...environment } })
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
    // Who refuses its flags reads no input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })
}

/** A folder of its own in which scripts and openssl run. */
export function newFolder() {
  const cwd = mkdtempSync(join(tmpdir(), 'certs-'))
  return {
    cwd,
    /** Runs a script by its file, as a person does. */
    script: (name: string, args: readonly string[], stdin = ''): Promise<Ran> =>
      runProgram(process.execPath, [join(project, 'certs-scripts', `${name}.ts`), ...args], { cwd, stdin }),
    openssl: (...args: readonly string[]): Promise<Ran> => runProgram('openssl', args, { cwd }),
    close: () => rmSync(cwd, { recursive: true, force: true }),
  }
}
