import { spawn } from 'node:child_process'

/** One command that must end well. */
export interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  readonly cwd?: string
}

/** Everything that can be said about the code without running it. */
export const staticChecks: readonly Check[] = [
  { name: 'generated files are up to date', command: ['node', 'scripts/generate.ts', '--check'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  // No cache: it is keyed by each file alone, and what the types of other files make wrong would stay hidden or linger.
  { name: 'lint', command: ['eslint', '.', '--max-warnings', '0'] },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  {
    name: 'rooms look one way only',
    command: ['depcruise', 'src', 'certs-scripts', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
  },
  { name: 'nothing unused', command: ['knip', '--no-progress'] },
  {
    name: 'launcher: go vet and go test',
    command: ['sh', '-c', 'go vet ./launcher && go test ./launcher'],
    cwd: 'images/kes-stateful',
  },
]

export interface Outcome {
  readonly ok: boolean
  readonly output: string
  readonly seconds: number
}

/** Runs a check quietly; its output is kept for the case that it fails. */
export function runCheck({ command: [program, ...args], cwd }: Check): Promise<Outcome> {
  const startedMs = performance.now()
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    const end = (ok: boolean, more = '') =>
      resolve({ ok, output: Buffer.concat(chunks).toString() + more, seconds: (performance.now() - startedMs) / 1000 })
    child.on('error', (error) => end(false, error.message))
    child.on('close', (code) => end(code === 0))
  })
}
