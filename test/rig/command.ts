import { spawn } from 'node:child_process'
import { RigError } from './rigError.ts'

export interface CommandOptions {
  readonly cwd?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly stdin?: string | Buffer
  readonly timeoutMs?: number
}

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const lastLines = (text: string, lines: number): string => text.trimEnd().split('\n').slice(-lines).join('\n')

/** Runs a program to its end and answers what it wrote, whatever its exit code. Throws `CommandFailed` only when it can't be started. */
export function attempt(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', (cause) => reject(new RigError('CommandFailed', `${program} can't be run`, { cause })))
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
    child.stdin?.on('error', () => undefined) // a program that ends without reading is judged by its exit code
    child.stdin?.end(options.stdin)
  })
}

/** Runs a program that must succeed and answers its standard output. Throws `CommandFailed` with the end of what it wrote. */
export async function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(program, args, options)
  if (result.code === 0) return result.stdout
  const wrote = lastLines(result.stderr || result.stdout, 15)
  throw new RigError('CommandFailed', `${[program, ...args].join(' ')}: exit code ${String(result.code)}\n${wrote}`)
}
