import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { ensureProgram } from '../../rig/programs/programs.ts'

/** A launcher that runs, and what it and its KES have written so far. */
export interface Launched {
  readonly process: ChildProcess
  readonly output: () => string
  /** Resolves with the exit code; null after a kill. */
  readonly ended: Promise<number | null>
}

/** What our image holds. Made once from images/kes-stateful; where it cannot be made the tests fail. */
export const imagePrograms = async () => ({
  kes: await ensureProgram('kes-stateful'),
  launcher: await ensureProgram('kes-launcher'),
})

export type ImagePrograms = Awaited<ReturnType<typeof imagePrograms>>

/** Starts the real launcher with the real KES; the environment holds what is given and nothing else. */
export function launch(
  programs: ImagePrograms,
  args: readonly [command: string, ...rest: string[]],
  environment: Readonly<Record<string, string>>,
): Launched {
  const [command, ...rest] = args
  const child = spawn(programs.launcher, [command, '--kes', programs.kes, ...rest], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const append = (chunk: Buffer): void => {
    output += chunk.toString('utf8')
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { process: child, output: () => output, ended }
}
