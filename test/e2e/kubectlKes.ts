import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../src/main.ts')

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `kubectl kes …` as a person with this kubeconfig runs it, away from any terminal; Ctrl-C when it says `stopAt`. */
export async function kubectlKes(kubeconfig: string, words: readonly string[], stopAt?: string): Promise<Said> {
  const env = { ...process.env, KUBECONFIG: kubeconfig }
  const child = spawn(process.execPath, [program, 'kes', ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (piece: Buffer) => (stdout += piece.toString()))
  let asked = false
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece.toString()
    // Once: a second one ends it at once.
    if (stopAt !== undefined && !asked && stderr.includes(stopAt)) asked = child.kill('SIGINT')
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}
