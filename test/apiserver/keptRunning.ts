import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../rig/waiting.ts'

/** A process that somebody keeps running, as other processes find it. */
export interface KeptProcess {
  /** Holds the number of the process that runs now. */
  readonly pidFile: string
  /** While this file is there, a process that has ended is not started again. */
  readonly holdFile: string
  readonly log: string
  readonly healthPort: number
}

export interface Keeping {
  readonly name: string
  readonly folder: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly healthPort: number
}

const lookEveryMs = 50
const readyTimeoutMs = 30_000

/** Does what the kubelet does for a container: starts a process whenever it does not run, until it is told to stop. */
export function keepRunning({ name, folder, command, environment, healthPort }: Keeping): {
  readonly kept: KeptProcess
  readonly stop: () => Promise<void>
} {
  const kept = {
    pidFile: join(folder, `${name}.pid`),
    holdFile: join(folder, `${name}.hold`),
    log: join(folder, `${name}.log`),
    healthPort,
  }
  let child: ChildProcess | undefined
  const start = (): void => {
    const output = openSync(kept.log, 'a')
    // setpriv(1): the kernel ends it with us, even when we are killed; it becomes the program, so the number stays.
    child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    writeFileSync(kept.pidFile, String(child.pid))
  }
  const hasEnded = (): boolean => !child || child.exitCode !== null || child.signalCode !== null
  const timer = setInterval(() => {
    if (hasEnded() && !existsSync(kept.holdFile)) start()
  }, lookEveryMs)
  start()
  return {
    kept,
    stop: async () => {
      clearInterval(timer)
      child?.kill('SIGKILL')
      await until(() => hasEnded() || undefined, { what: `${name} to end`, timeoutMs: 10_000 })
    },
  }
}

/** Ends a kept process without a word, as a crash does, and answers when it is gone. It stays away until `release`. */
export async function crash({ pidFile, holdFile }: KeptProcess): Promise<void> {
  writeFileSync(holdFile, '')
  const pid = Number(readFileSync(pidFile, 'utf8'))
  process.kill(pid, 'SIGKILL')
  await until(() => (runs(pid) ? undefined : true), { what: `process ${pid} to be gone`, timeoutMs: 10_000 })
}

/** Lets a kept process run again. */
export const release = ({ holdFile }: KeptProcess): void => rmSync(holdFile, { force: true })

function runs(pid: number): boolean {
  try {
    // A process that ended and was not waited for yet still has a number.
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until a kept process says itself that it is ready. */
export async function untilReady({ healthPort, log }: KeptProcess): Promise<void> {
  await until(
    async () => {
      try {
        return (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).ok || undefined
      } catch {
        return undefined
      }
    },
    { what: `/readyz (see ${log})`, timeoutMs: readyTimeoutMs },
  )
}
